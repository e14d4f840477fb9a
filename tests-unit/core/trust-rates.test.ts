import { excludedRate, wilsonInterval } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'

describe('the interval of a failure rate', () => {
  // Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i in %i runs is what is published', (hits, runs, low, high) => {
    const interval = wilsonInterval(hits, runs)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  test('mirrors that of the successes', () => {
    const failures = wilsonInterval(3, 10)
    const successes = wilsonInterval(7, 10)
    expect(failures.low).toBeCloseTo(1 - successes.high, 12)
    expect(failures.high).toBeCloseTo(1 - successes.low, 12)
  })

  test('of no run at all excludes nothing', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
    expect(excludedRate(0)).toBe(1)
  })
})

describe('the rate that runs without a failure exclude', () => {
  test.each([1, 10, 59, 300])('of %i runs is the one with which a failure was 95 %% sure', (runs) => {
    const rate = excludedRate(runs)
    expect((1 - rate) ** runs).toBeCloseTo(0.05, 12)
  })

  test('is about 3 over the number of runs', () => {
    expect(excludedRate(300)).toBeCloseTo(3 / 300, 3)
  })

  test('is smaller where less confidence will do', () => {
    expect(excludedRate(10, 0.9)).toBeLessThan(excludedRate(10, 0.95))
  })
})
