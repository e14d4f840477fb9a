import { describe, expect, test } from 'vitest'
import { estimateLeft, progressLine } from '../../packages/vitest-lanes/src/cli/stress/progress-line.ts'

const SECOND = 1000
const limits = (runs: number, time = Number.POSITIVE_INFINITY) => ({ runs, time })

describe('how long the rest of a stress takes', () => {
  test('is not known in the first run', () => {
    expect(estimateLeft({ limits: limits(10), ended: 0, spent: 0, elapsed: SECOND })).toBe(Infinity)
  })

  test('is what the runs before took, less what has gone of this one', () => {
    const standing = { limits: limits(10), ended: 4, spent: 8 * SECOND, elapsed: 9 * SECOND }
    expect(estimateLeft(standing)).toBe(11 * SECOND)
  })

  test('is never less than nothing, where a run takes longer than those before', () => {
    const standing = { limits: limits(2), ended: 1, spent: SECOND, elapsed: 30 * SECOND }
    expect(estimateLeft(standing)).toBe(0)
  })

  test('is what is left of the time, where that ends first', () => {
    const standing = { limits: limits(100, 10 * SECOND), ended: 4, spent: 8 * SECOND, elapsed: 9 * SECOND }
    expect(estimateLeft(standing)).toBe(SECOND)
  })
})

test('the line tells run, files, failures and the end, as far as they are known', () => {
  const begun = { limits: limits(10), ended: 0, spent: 0, elapsed: 0 }
  expect(progressLine(begun, { files: 40, ended: 12 }, 0)).toBe('run 1 of 10 · 12 of 40 files')
  const later = { limits: limits(Infinity, 60 * SECOND), ended: 2, spent: 4 * SECOND, elapsed: 5 * SECOND }
  expect(progressLine(later, { files: 1, ended: 0 }, 1)).toBe(
    'run 3 · 0 of 1 file · 1 test failed so far · about 55.0 s left',
  )
})
