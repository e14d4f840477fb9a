import { matchReplay } from '@vitest-lanes/core'
import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'
import { ran, recordOf } from '../report/support/record.ts'

const file = (
  name: string,
  lane: number,
  from: number,
  to: number,
  more: Partial<FileRecord> = {},
): FileRecord => ran(name, lane, [0, from, from, from, to, to, to], more)

const failed = (...names: readonly string[]): Partial<FileRecord> => ({
  outcome: 'failed',
  failedTests: names.map((name) => ({ name, from: 0, to: 1 })),
})

const RECORDED: RunRecord = recordOf({
  files: [file('a', 1, 0, 50, failed('x', 'y')), file('b', 2, 0, 40), file('c', 2, 45, 90)],
})

describe('a repeat', () => {
  test('that is the same matches in all', () => {
    expect(matchReplay(RECORDED, RECORDED)).toEqual({
      files: 3,
      sameLane: 3,
      sameTurn: 3,
      overlaps: { recorded: 2, repeated: 2, missing: [], added: 0 },
      outcomes: [],
      failures: { both: ['a › x', 'a › y'], recordedOnly: [], repeatedOnly: [] },
    })
  })

  test('tells overlaps that did not come about, and new ones', () => {
    const repeated = recordOf({
      files: [file('a', 1, 0, 50, failed('x', 'y')), file('b', 2, 0, 80), file('c', 3, 60, 90)],
    })
    expect(matchReplay(RECORDED, repeated).overlaps).toEqual({
      recorded: 2,
      repeated: 1,
      missing: [['a', 'c']],
      added: 1,
    })
  })

  test('tells lanes and turns that differ', () => {
    const repeated = recordOf({
      files: [file('a', 2, 5, 50, failed('x', 'y')), file('b', 1, 0, 40), file('c', 2, 50, 90)],
    })
    expect(matchReplay(RECORDED, repeated)).toMatchObject({ files: 3, sameLane: 1, sameTurn: 1 })
  })

  test('tells which tests failed in both, and which in one alone', () => {
    const repeated = recordOf({
      files: [
        file('a', 1, 0, 50, failed('y', 'z')),
        file('b', 2, 0, 40, { outcome: 'failed', error: 'its worker died' }),
        file('c', 2, 45, 90),
      ],
    })
    expect(matchReplay(RECORDED, repeated)).toMatchObject({
      outcomes: [{ file: 'b', recorded: 'passed', repeated: 'failed' }],
      failures: { both: ['a › y'], recordedOnly: ['a › x'], repeatedOnly: ['a › z', 'b'] },
    })
  })

  test('is compared by the files that are in both', () => {
    const repeated = recordOf({ files: [file('a', 1, 0, 50, failed('x', 'y')), file('d', 2, 0, 40)] })
    expect(matchReplay(RECORDED, repeated)).toMatchObject({
      files: 1,
      overlaps: { recorded: 0, repeated: 0, added: 0 },
    })
  })
})
