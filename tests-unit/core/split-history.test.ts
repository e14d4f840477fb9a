import { describe, expect, test } from 'vitest'
import { EMPTY_HISTORY, mergeHistory, parseHistory, runsOf, updateHistory, verify } from '@vitest-lanes/core'
import type { FileRecord, RunRecord, SplitHistory } from '@vitest-lanes/core'

const SPLIT: SplitHistory = {
  content: 'abc',
  snapshots: '',
  matched: 2,
  overhead: 300,
  cpu: 100,
  tests: [
    ['1_0', 'a', 10, 'passed'],
    ['1_1', 'a suite > b', 0, 'skipped'],
    ['1_2', 'c', 0, 'todo'],
  ],
  safe: true,
  unsafe: { why: 'a test failed', test: 'b', after: 'a' },
}

const entry = { durations: [1000], failed: false, at: '2026-11-22T00:00:00.000Z' }

function stored(split: unknown): unknown {
  const parsed = parseHistory(JSON.stringify({ version: 1, files: { 'a.test.ts': { ...entry, split } } }))
  return 'error' in parsed ? parsed : parsed.files['a.test.ts']?.split
}

describe('what is kept of a file that may be split', () => {
  test('is read as it was written', () => {
    expect(stored(SPLIT)).toEqual(SPLIT)
  })

  test.each([
    ['no object', 'yes'],
    ['no hash', { ...SPLIT, content: undefined }],
    ['a test without a name', { ...SPLIT, tests: [['1_0', undefined, 10, 'passed']] }],
    ['a test that ended in no known way', { ...SPLIT, tests: [['1_0', 'a', 10, 'failed']] }],
    ['a duration below nothing', { ...SPLIT, overhead: -1 }],
    ['more tests than are kept', { ...SPLIT, tests: Array.from({ length: 5001 }, () => SPLIT.tests[0]) }],
  ])('is forgotten when it has %s: the file then runs whole', (_, split) => {
    expect(stored(split)).toBeUndefined()
  })

  test('stays until a run has learned something else', () => {
    const first = updateHistory(EMPTY_HISTORY, record([whole]), new Map([['a.test.ts', SPLIT]]))
    expect(updateHistory(first, record([whole])).files['a.test.ts']?.split).toEqual(SPLIT)
    const other = { ...SPLIT, content: 'def' }
    const second = updateHistory(first, record([whole]), new Map([['a.test.ts', other]]))
    expect(second.files['a.test.ts']?.split).toEqual(other)
    expect(mergeHistory(first, EMPTY_HISTORY).files['a.test.ts']?.split).toEqual(SPLIT)
  })

  test('the duration of a file stays that of its whole runs', () => {
    const history = updateHistory(EMPTY_HISTORY, record([whole]))
    expect(updateHistory(history, record([inParts])).files['a.test.ts']?.durations).toEqual([1000])
    expect(
      updateHistory(history, record([{ ...inParts, again: true }])).files['a.test.ts']?.durations,
    ).toEqual([1000, 300])
  })
})

const times = (admitted: number, finished: number) => ({
  queued: 0,
  admitted,
  ready: admitted,
  started: admitted,
  finished,
  exited: finished,
  cleaned: finished,
})

const whole: FileRecord = {
  file: 'a.test.ts',
  project: '',
  claims: [{ resource: 'box', mode: 'exclusive' }],
  outcome: 'passed',
  tests: { passed: 4, failed: 0, skipped: 0, todo: 0 },
  times: times(0, 1000),
  lane: 1,
  instances: { box: 1 },
}

const inParts: FileRecord = {
  ...whole,
  times: times(0, 300),
  parts: [
    { tests: 2, times: times(0, 300), lane: 1, instances: { box: 1 } },
    { tests: 2, times: times(0, 200), lane: 2, instances: { box: 2 } },
  ],
}

function record(files: readonly FileRecord[]): RunRecord {
  return {
    version: 1,
    run: 'r',
    vitestLanes: '0',
    vitest: '4',
    node: '20',
    platform: 'linux',
    cores: 2,
    startedAt: '2026-11-22T00:00:00.000Z',
    duration: 1000,
    outcome: 'passed',
    lanes: 2,
    resources: { box: { instances: 2, perLane: false } },
    files,
    findings: [],
  }
}

describe('a record of a file in parts', () => {
  test('tells each time that a lane ran something of it', () => {
    expect(runsOf(whole)).toEqual([whole])
    expect(runsOf(inParts).map(({ file, lane, outcome }) => [file, lane, outcome])).toEqual([
      ['a.test.ts (part 1 of 2)', 1, 'passed'],
      ['a.test.ts (part 2 of 2)', 2, 'passed'],
    ])
    const again = runsOf({ ...inParts, times: times(300, 900), again: true })
    expect(again.map(({ file, outcome }) => [file, outcome])).toEqual([
      ['a.test.ts (part 1 of 2)', 'cancelled'],
      ['a.test.ts (part 2 of 2)', 'cancelled'],
      ['a.test.ts', 'passed'],
    ])
  })

  test('is sound where its parts have lanes and instances of their own', () => {
    // Another file may have the first part's lane and instance while the second part still runs.
    const next: FileRecord = {
      ...whole,
      file: 'b.test.ts',
      times: times(200, 400),
      lane: 2,
      instances: { box: 2 },
    }
    expect(verify(record([inParts, next]))).toEqual([])
  })

  test('is not where two of them had one instance or one lane', () => {
    const [first, second] = inParts.parts!
    const one = { ...inParts, parts: [first!, { ...second!, instances: { box: 1 } }] }
    expect(verify(record([one])).map(({ kind }) => kind)).toEqual(['instance'])
    const lane = { ...inParts, parts: [first!, { ...second!, lane: 1 }] }
    expect(verify(record([lane])).map(({ kind }) => kind)).toEqual(['lane'])
  })
})
