import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, expect, test } from 'vitest'

const redis = new Redis(process.env['REDIS_URL'] ?? '')
afterAll(() => redis.quit())

test('users stay signed in', async () => {
  for (let count = 1; count <= 15; count++) {
    await redis.set(`session:${count}`, 'signed in', 'EX', 60)
    // The page loads.
    await setTimeout(60)
    expect(await redis.get(`session:${count}`)).toBe('signed in')
  }
})
