import { expect, test } from 'vitest'
import { patienceOf } from '../../packages/bullmq/dist/fixture/patience.js'

test('a wait ends before its test does', () => {
  const left = patienceOf(5_000)()

  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThanOrEqual(4_000)
  expect(patienceOf(60_000)()).toBeLessThanOrEqual(58_000)
})

test('a test without a time limit has waits with one', () => {
  expect(patienceOf(0)()).toBe(60_000)
  expect(patienceOf(Number.POSITIVE_INFINITY)()).toBe(60_000)
})
