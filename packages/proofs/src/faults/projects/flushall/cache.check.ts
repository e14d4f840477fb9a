import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, afterEach, expect, test } from 'vitest'

const redis = new Redis(process.env['REDIS_URL'] ?? '')
afterEach(() => redis.flushall())
afterAll(() => redis.quit())

test.each([1, 2, 3])('computes page %i once', async (page) => {
  await setTimeout(250)
  expect(await redis.set(`page:${page}`, 'html', 'NX')).toBe('OK')
  expect(await redis.set(`page:${page}`, 'html', 'NX')).toBeNull()
})
