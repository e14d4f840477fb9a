import { expect, test } from 'vitest'
import { isGreen } from '../../packages/demo/src/result.ts'
import type { RunResult } from '../../packages/demo/src/result.ts'
import { table } from '../../packages/demo/src/table.ts'

const run = (over: Partial<RunResult> & Pick<RunResult, 'name'>): RunResult => ({
  passed: 186,
  failed: 0,
  skipped: 0,
  files: 12,
  failedFiles: 0,
  wallMs: 40_000,
  messages: [],
  ...over,
})

test('a run is green only if every test of every file passed', () => {
  expect(isGreen(run({ name: 'lanes' }))).toBe(true)
  expect(isGreen(run({ name: 'lanes', failed: 1 }))).toBe(false)
  expect(isGreen(run({ name: 'lanes', failedFiles: 1 }))).toBe(false)
  expect(isGreen(run({ name: 'lanes', skipped: 1 }))).toBe(false)
  expect(isGreen(run({ name: 'lanes', passed: 0 }))).toBe(false)
})

test('the table compares each way with one file at a time, and sums up repeated runs by their worst', () => {
  const text = table([
    run({ name: 'shared-parallel', passed: 150, failed: 36, failedFiles: 7, wallMs: 20_000 }),
    run({ name: 'shared-sequential' }),
    run({ name: 'lanes', wallMs: 10_000 }),
    run({ name: 'lanes', wallMs: 12_000, failed: 1, passed: 185, failedFiles: 1 }),
  ])
  expect(text.split('\n').map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ['files passed', 'failed', 'tests passed', 'failed', 'wall time', 'speed-up'],
    [expect.stringMatching(/^─+$/)],
    ['shared, in parallel', '5', '7', '150', '36', '20.0 s', '2.0×'],
    ['shared, one at a time', '12', '0', '186', '0', '40.0 s', '1.0×'],
    ['lanes (1 of 2 green)', '11', '1', '185', '1', '10.0 s', '4.0×'],
  ])
})
