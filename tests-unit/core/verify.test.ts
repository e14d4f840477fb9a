import { verify, type FileRecord, type FileTimes, type RunRecord } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'

/** A file that was admitted at `from`, finished at `to` and was gone and clean 10 ms later. */
function file(
  name: string,
  lane: number,
  [from, to]: readonly [number, number],
  more: Partial<FileRecord> & { readonly at?: Partial<FileTimes> } = {},
): FileRecord {
  const { at, ...rest } = more
  return {
    file: name,
    project: '',
    claims: [],
    outcome: 'passed',
    tests: { passed: 1, failed: 0, skipped: 0, todo: 0 },
    times: {
      queued: 0,
      admitted: from,
      ready: from,
      started: from,
      finished: to,
      exited: to + 5,
      cleaned: to + 10,
      ...at,
    },
    lane,
    ...rest,
  }
}

function record(...files: FileRecord[]): RunRecord {
  return {
    version: 1,
    run: 'abcdefghij',
    vitestLanes: '0.1.0',
    vitest: '4.1.12',
    node: '20.20.2',
    platform: 'linux',
    cores: 2,
    startedAt: '2026-01-01T00:00:00.000Z',
    duration: 1000,
    outcome: 'passed',
    lanes: 2,
    resources: {
      redis: { instances: 4, perLane: true },
      stripe: { instances: 1, perLane: false },
    },
    files,
    findings: [],
  }
}

const stripe = { claims: [{ resource: 'stripe', mode: 'exclusive' }], instances: { stripe: 1 } } as const
const stripeShared = { claims: [{ resource: 'stripe', mode: 'shared' }], instances: { stripe: 1 } } as const
const aloneFile = { claims: [{ resource: 'alone', mode: 'exclusive' }], instances: { alone: 1 } } as const

describe('a sound run has no overlaps', () => {
  test.each([
    ['one file after another in a lane', [file('a', 1, [0, 100]), file('b', 1, [100, 200])]],
    ['two files in two lanes', [file('a', 1, [0, 100]), file('b', 2, [0, 100])]],
    [
      'an instance taken when it is clean',
      [file('a', 1, [0, 100], stripe), file('b', 1, [110, 200], stripe)],
    ],
    ['two files that share', [file('a', 1, [0, 100], stripeShared), file('b', 2, [50, 100], stripeShared)]],
    ['alone when the others have exited', [file('a', 1, [0, 100]), file('b', 1, [105, 200], aloneFile)]],
    [
      'spare instances of one that follows the lanes',
      [file('a', 1, [0, 9], { claims: [{ resource: 'redis', mode: 'exclusive' }], instances: { redis: 4 } })],
    ],
    [
      'a file that was never admitted',
      [
        {
          ...file('a', 1, [0, 1]),
          times: { queued: 0 },
          outcome: 'cancelled' as const,
          ...stripe,
          instances: {},
        },
      ],
    ],
  ])('%s', (_, files) => {
    expect(verify(record(...files))).toEqual([])
  })
})

describe('every breach is found', () => {
  test('two files in one lane', () => {
    expect(verify(record(file('a', 1, [0, 100]), file('b', 1, [90, 200])))).toEqual([
      { kind: 'lane', number: 1, files: ['a', 'b'], from: 90, to: 100 },
    ])
  })

  test('two files with one instance, the first of which was not clean yet', () => {
    expect(verify(record(file('a', 1, [0, 100], stripe), file('b', 1, [106, 200], stripe)))).toEqual([
      { kind: 'instance', resource: 'stripe', number: 1, files: ['a', 'b'], from: 106, to: 110 },
    ])
  })

  test('an exclusive file beside one that shares, in whatever order they are recorded', () => {
    const files = [file('b', 2, [50, 200], stripe), file('a', 1, [0, 100], stripeShared)]
    expect(verify(record(...files))).toMatchObject([
      { kind: 'instance', files: ['a', 'b'], from: 50, to: 110 },
    ])
  })

  test('an instance whose process has exited but was not cleaned counts until the exit', () => {
    const unclean = { ...stripe, at: { cleaned: undefined } as unknown as Partial<FileTimes> }
    expect(verify(record(file('a', 1, [0, 100], unclean), file('b', 1, [104, 200], stripe)))).toHaveLength(1)
    expect(verify(record(file('a', 1, [0, 100], unclean), file('b', 1, [105, 200], stripe)))).toEqual([])
  })

  test('a file that never finished holds its lane to the end', () => {
    const hung = { ...file('a', 1, [0, 1]), times: { queued: 0, admitted: 0, started: 0 } }
    expect(verify(record(hung, file('b', 1, [900, 950])))).toMatchObject([
      { kind: 'lane', from: 900, to: 950 },
    ])
  })

  test('a file beside one that runs alone', () => {
    expect(verify(record(file('a', 1, [0, 100]), file('b', 2, [99, 200], aloneFile)))).toMatchObject([
      { kind: 'alone', files: ['a', 'b'], from: 99, to: 105 },
    ])
  })

  test('each of several overlaps of one long file', () => {
    const long = file('long', 2, [0, 500], aloneFile)
    expect(
      verify(record(long, file('a', 1, [10, 20]), file('b', 1, [20, 30]), file('c', 1, [600, 700]))),
    ).toEqual([
      { kind: 'alone', resource: 'alone', files: ['long', 'a'], from: 10, to: 25 },
      { kind: 'alone', resource: 'alone', files: ['long', 'b'], from: 20, to: 35 },
    ])
  })

  test('more instances than declared', () => {
    const second = { ...stripe, instances: { stripe: 2 } }
    expect(verify(record(file('a', 1, [0, 100], second)))).toEqual([
      { kind: 'capacity', resource: 'stripe', number: 2, files: ['a'] },
    ])
  })

  test('a file that ran without a lane, or without an instance of what it claims', () => {
    const { lane: _, ...laneless } = file('a', 1, [0, 100])
    const bare = file('b', 1, [0, 100], { claims: stripe.claims, project: 'unit' })
    expect(verify(record(laneless, bare))).toEqual([
      { kind: 'no-lease', files: ['a'] },
      { kind: 'no-lease', files: ['[unit] b'], resource: 'stripe' },
    ])
  })
})
