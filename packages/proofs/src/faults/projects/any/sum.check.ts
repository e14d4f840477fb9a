import { expect, test } from 'vitest'

test('adds what was ordered', () => {
  expect([3, 4, 5].reduce((sum, each) => sum + each, 0)).toBe(12)
})
