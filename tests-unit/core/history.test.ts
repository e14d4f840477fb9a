import {
  EMPTY_HISTORY,
  createEstimator,
  fileKey,
  mergeHistory,
  parseHistory,
  pathOfKey,
  updateHistory,
  type FileRecord,
  type History,
  type RunRecord,
} from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

function ran(
  file: string,
  duration: number,
  outcome: FileRecord['outcome'] = 'passed',
  project = '',
): FileRecord {
  return {
    file,
    project,
    claims: [],
    outcome,
    tests: { passed: 0, failed: 0, skipped: 0, todo: 0 },
    times: { queued: 0, admitted: 10, ready: 50, started: 60, finished: 50 + duration },
  }
}

function run(startedAt: string, ...files: FileRecord[]): RunRecord {
  return {
    version: 1,
    run: 'abcdefghij',
    vitestLanes: '0.1.0',
    vitest: '4.1.12',
    node: '20.20.2',
    platform: 'linux',
    cores: 2,
    startedAt,
    duration: 0,
    outcome: 'passed',
    lanes: 2,
    resources: {},
    files,
    findings: [],
  }
}

const after = (...runs: readonly (readonly FileRecord[])[]): History =>
  runs.reduce(
    (history, files, day) => updateHistory(history, run(`2026-01-0${day + 1}`, ...files)),
    EMPTY_HISTORY,
  )

describe('the history', () => {
  test('leaves out the time that a file waited for a core', () => {
    const history = after([{ ...ran('a', 1000), stalled: 250 }])
    expect(history.files['a']?.durations).toEqual([750])
  })

  test('keeps how files were divided into shards', () => {
    const division = { series: 'ci 1', at: '2026-01-01', count: 2, begun: [1], files: { a: 1, b: 2 } }
    const history = updateHistory({ ...EMPTY_HISTORY, division }, run('2026-01-02', ran('a', 1)))
    expect(history.division).toEqual(division)
    expect(parseHistory(JSON.stringify(history))).toEqual(history)
    expect(mergeHistory(history, { ...history, division: { ...division, begun: [2] } }).division).toEqual({
      ...division,
      begun: [1, 2],
    })
  })

  test('forgets a file that has not run for 90 days', () => {
    const old = updateHistory(EMPTY_HISTORY, run('2026-01-01', ran('a', 1), ran('b', 1)))
    expect(Object.keys(updateHistory(old, run('2026-04-02', ran('b', 1))).files)).toEqual(['b'])
  })

  test('knows a file by its text when it was renamed', () => {
    const history = after([{ ...ran('a', 700), content: 'x' }, ran('b', 10)])
    const { estimate } = createEstimator(history)
    expect(estimate({ file: 'c', project: '', content: 'x' })).toBe(700)
  })

  test('keeps the last five durations of a file, from its instances being ready', () => {
    const history = after(...[1, 2, 3, 4, 5, 6].map((duration) => [ran('a', duration)]))
    expect(history.files['a']).toEqual({ durations: [2, 3, 4, 5, 6], failed: false, at: '2026-01-06' })
  })

  test('tells files of different projects apart', () => {
    expect(Object.keys(after([ran('a', 1), ran('a', 2, 'passed', 'unit')]).files)).toEqual(['a', '[unit] a'])
  })

  test('notes a failure, but not its duration where a better one is known', () => {
    expect(after([ran('a', 1)], [ran('a', 9, 'failed')]).files['a']).toMatchObject({
      durations: [1],
      failed: true,
    })
    expect(after([ran('a', 9, 'failed')]).files['a']).toMatchObject({ durations: [9], failed: true })
    expect(after([ran('a', 9, 'failed')], [ran('a', 1)]).files['a']).toMatchObject({ failed: false })
  })

  test('keeps what it knows of a file that was cancelled or skipped', () => {
    const history = after([ran('a', 1)])
    expect(
      updateHistory(history, run('2026-02-01', ran('a', 7, 'cancelled'), ran('b', 7, 'skipped'))),
    ).toEqual(history)
  })

  test('does not change the one that it is given', () => {
    const history = after([ran('a', 1)])
    const before = structuredClone(history)
    updateHistory(history, run('2026-02-01', ran('a', 2)))
    expect(history).toEqual(before)
  })

  test('of two shards is merged in any order to the same, and of each file the newest wins', () => {
    const entry = fc.record({
      durations: fc.array(fc.nat(100), { maxLength: 3 }),
      failed: fc.boolean(),
      at: fc.constantFrom('2026-01-01', '2026-01-02'),
    })
    const histories = fc
      .dictionary(fc.constantFrom('a', 'b', '__proto__'), entry)
      .map((files): History => ({ version: 1, files }))
    fc.assert(
      fc.property(histories, histories, histories, (a, b, c) => {
        expect(mergeHistory(a, b)).toEqual(mergeHistory(b, a))
        expect(mergeHistory(mergeHistory(a, b), c)).toEqual(mergeHistory(a, mergeHistory(b, c)))
        expect(mergeHistory(a, a)).toEqual(a)
      }),
    )
    const merged = mergeHistory(after([ran('a', 1)], [ran('a', 2)]), after([ran('a', 3), ran('b', 4)]))
    expect(merged.files).toMatchObject({ a: { durations: [1, 2] }, b: { durations: [4] } })
  })

  test('is read back as it was written', () => {
    const history = after([ran('a', 1), ran('dir/b', 2.5, 'failed', 'unit')])
    expect(parseHistory(JSON.stringify(history))).toEqual(history)
  })

  test.each([
    ['nonsense', 'It is not JSON.'],
    ['[]', 'Expected an object.'],
    ['{"version":2,"files":{}}', 'Expected version 1, got 2.'],
    ['{"version":1}', 'Expected `files` to be an object.'],
    [
      '{"version":1,"files":{"a":{"durations":[-1],"failed":false,"at":""}}}',
      'The entry of `a` cannot be read.',
    ],
    ['{"version":1,"files":{"a":{"durations":[1]}}}', 'The entry of `a` cannot be read.'],
  ])('that cannot be read says why: %s', (json, error) => {
    expect(parseHistory(json)).toEqual({ error })
  })
})

describe('an estimate', () => {
  const history = after(
    [ran('api/a', 100), ran('api/b', 300), ran('ui/c', 10, 'passed', 'ui'), ran('ui/d', 20, 'failed', 'ui')],
    [ran('api/a', 110)],
    [ran('api/a', 9000)],
  )
  const { estimate, failedLast } = createEstimator(history)

  test('of a known file is the median of its last runs', () => {
    expect(estimate({ file: 'api/a', project: '' })).toBe(110)
  })

  test.each([
    ['its directory', { file: 'api/new', project: '' }, 205],
    ['its directory, in its project', { file: 'ui/new', project: 'ui' }, 15],
    ['its project, in a new directory', { file: 'other/new', project: 'ui' }, 15],
    ['all files, in a new project', { file: 'new', project: 'new', size: 1 }, 65],
  ])('of an unknown file is the median of %s', (_, file, expected) => {
    expect(estimate(file)).toBe(expected)
  })

  test('without any history goes by size', () => {
    const first = createEstimator(EMPTY_HISTORY)
    const small = first.estimate({ file: 'a', project: '', size: 1000 })
    expect(first.estimate({ file: 'b', project: '', size: 2000 })).toBe(2 * small)
    expect(first.estimate({ file: 'c', project: '' })).toBeGreaterThan(0)
  })

  test('comes with whether the file failed last time', () => {
    expect(failedLast({ file: 'ui/d', project: 'ui' })).toBe(true)
    expect(failedLast({ file: 'ui/c', project: 'ui' })).toBe(false)
    expect(failedLast({ file: 'constructor', project: '' })).toBe(false)
  })
})

test.each(['', 'unit', 'unit [a]'])('the path is found in the key of a file in project `%s`', (project) => {
  const file = 'app/[id]/a.test.ts'
  expect(pathOfKey(fileKey({ file, project }))).toBe(file)
})
