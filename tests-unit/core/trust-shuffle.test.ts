import { shuffle } from '@vitest-lanes/core'
import { expect, test } from 'vitest'

const ITEMS = ['a', 'b', 'c', 'd']

test('the same seed gives the same order, and nothing is lost', () => {
  expect(shuffle(ITEMS, 7)).toEqual(shuffle(ITEMS, 7))
  expect(shuffle(ITEMS, 7).toSorted()).toEqual(ITEMS)
})

test('all orders come about, none much more often than others', () => {
  const counts = new Map<string, number>()
  for (let seed = 0; seed < 4800; seed++) {
    const order = shuffle(ITEMS, seed).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  expect(counts.size).toBe(24)
  // 200 expected each, with a standard deviation of 14: five of those to either side.
  expect(Math.min(...counts.values())).toBeGreaterThan(130)
  expect(Math.max(...counts.values())).toBeLessThan(270)
})
