import { describe, expect, test } from 'vitest'
import { compareRecords, comparisonText, growth } from '@vitest-lanes/report'
import { SMALL, ran, recordOf } from './support/record.ts'

const [a, b, c, d] = SMALL.files
const BEFORE = recordOf({
  ...SMALL,
  findings: [{ kind: 'leak', file: 'tests/a.test.ts', message: '2 connections left open' }],
})
/** `b` takes 4 s instead of 3, `c` waits 5.5 s instead of 4.5 and fails, `d` is gone, `e` is new. */
const AFTER = recordOf({
  duration: 12_000,
  files: [
    a!,
    ran('tests/b.test.ts', 2, [0, 0, 0, 200, 4000, 4200, 4200]),
    { ...c!, outcome: 'failed', times: { queued: 0, admitted: 5500, ready: 5500, finished: 9400 } },
    ran('tests/e.test.ts', 2, [0, 0, 0, 200, 1000, 1000, 1000]),
  ],
  findings: [
    { kind: 'leak', file: 'tests/a.test.ts', message: '3 connections left open' },
    { kind: 'undeclared', file: 'tests/b.test.ts', message: 'tests/b.test.ts used redis undeclared' },
  ],
})

describe('a comparison of two records', () => {
  const comparison = compareRecords(BEFORE, AFTER)

  test('tells what got slower, what waits more, and what came and went', () => {
    expect(comparison).toEqual({
      wall: { before: 10_000, after: 12_000 },
      durations: [{ file: 'tests/b.test.ts', before: 3000, after: 4000 }],
      waits: [{ file: 'tests/c.test.ts', before: 4500, after: 5500 }],
      added: ['tests/e.test.ts'],
      removed: [d!.file],
      newFailures: ['tests/c.test.ts'],
      fixed: [],
      newFindings: [AFTER.findings[1]],
      goneFindings: [],
    })
  })

  test('of a record with itself is empty', () => {
    expect(comparisonText(compareRecords(BEFORE, BEFORE))).toBe('wall time  10.0 s → 10.0 s (+0 %)\n')
  })

  test.each([60, 160])('is text of %i columns', async (columns) => {
    const text = comparisonText(comparison, columns)
    expect(text.split('\n').filter((line) => line.length > columns)).toEqual([])
    await expect(text).toMatchFileSnapshot(`./golden/compare-${columns}.txt`)
  })

  test('says how many times as long where percents would be huge', () => {
    const grown = recordOf({ files: [{ ...b!, times: { ...b!.times, finished: 300_000 } }] })
    expect(comparisonText(compareRecords(recordOf({ files: [b!] }), grown))).toMatch(/\d{2,}×$/m)
  })

  test('counts what is within noise as unchanged', () => {
    const slightly = recordOf({ files: [{ ...b!, times: { ...b!.times, finished: 3040 } }] })
    expect(compareRecords(recordOf({ files: [b!] }), slightly).durations).toEqual([])
  })
})

test('growth is a part of the time before', () => {
  expect(growth({ before: 1000, after: 1200 })).toBeCloseTo(0.2)
  expect(growth({ before: 0, after: 10 })).toBe(Number.POSITIVE_INFINITY)
  expect(growth({ before: 0, after: 0 })).toBe(0)
})
