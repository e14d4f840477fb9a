import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, expect, test } from 'vitest'

const redis = new Redis(process.env['REDIS_URL'] ?? '')
afterAll(() => redis.quit())

test.each(Array.from({ length: 15 }, (_, index) => `user${index + 1}`))(
  '%s stays signed in',
  async (name) => {
    await redis.set(`session:${name}`, 'signed in', 'EX', 60)
    // The page loads.
    await setTimeout(60)
    expect(await redis.get(`session:${name}`)).toBe('signed in')
  },
)
