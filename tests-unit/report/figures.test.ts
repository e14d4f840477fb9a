import { boundOf, lowerBound, randomWorkload, type WorkloadFile } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'
import {
  besideOf,
  chainOf,
  contentionOf,
  delaysOf,
  durationOf,
  figuresOf,
  gainsOf,
  phasesOf,
  predict,
  resourcesOf,
  withLanes,
  workloadOf,
  type Setting,
} from '@vitest-lanes/report'
import { SMALL, exclusive, ran, recordOf } from './support/record.ts'

describe('the figures of a record that was worked out by hand', () => {
  test('are its files, times and tests', () => {
    expect(figuresOf(SMALL)).toEqual({
      lanes: 2,
      files: 4,
      notRun: 0,
      failed: 0,
      tests: { passed: 7, failed: 0, skipped: 2 },
      wall: 10_000,
      oneByOne: 17_200,
      speedUp: 1.72,
      bound: { by: 'lanes', ms: 8600, lanes: 2, work: 17_200 },
      percent: 86,
      waited: 7500,
    })
  })

  test('name each phase of a file', () => {
    expect(phasesOf(SMALL.files[2]!)).toEqual({
      waiting: 4500,
      opening: 100,
      starting: 200,
      importing: 0,
      running: 3700,
      exiting: 400,
      cleaning: 100,
    })
    const { times } = SMALL.files[2]!
    expect(phasesOf({ ...SMALL.files[2]!, times: { ...times, collected: 5200 } })).toMatchObject({
      starting: 200,
      importing: 400,
      running: 3300,
    })
    expect(durationOf(SMALL.files[2]!)).toBe(3900)
  })

  test('say what each resource was used for', () => {
    expect(resourcesOf(SMALL)).toEqual([
      {
        name: 'stripe',
        instances: 1,
        perLane: false,
        used: 1,
        source: undefined,
        files: 2,
        held: 9000,
        busy: 0.9,
        waiting: { files: 1, ms: 4500 },
      },
    ])
  })

  test('give the usual delays beside the durations', () => {
    expect(delaysOf(SMALL)).toEqual({ startDelay: 75, exitDelay: 350, cleanDelay: 50, around: 500 })
  })
})

describe('a bound', () => {
  const files = SMALL.files
  const boundWith = (more: Parameters<typeof recordOf>[0], lanes: number) =>
    boundOf(workloadOf(recordOf({ files, resources: SMALL.resources, ...more })), lanes)

  test('is the scarce resource where there are lanes enough', () => {
    expect(boundWith({}, 4)).toEqual({
      by: 'resource',
      ms: 7800,
      resource: 'stripe',
      instances: 1,
      files: 2,
      work: 7800,
    })
  })

  test('is the longest file where nothing else is scarce', () => {
    expect(boundWith({ resources: { stripe: { instances: 2, perLane: false } } }, 4)).toEqual({
      by: 'file',
      ms: 6400,
      file: 'tests/d.test.ts',
      work: 6400,
    })
  })

  test('is what must run alone where that is most of the work', () => {
    const alone = [
      ran('tests/e.test.ts', 1, [0, 0, 0, 0, 700, 700, 700], { claims: [exclusive('alone')] }),
      ran('tests/f.test.ts', 1, [0, 700, 700, 700, 1000, 1000, 1000]),
    ]
    expect(boundWith({ files: alone }, 4)).toEqual({ by: 'alone', ms: 1000, files: 1, work: 700 })
  })
})

describe('the chain that bounds a run', () => {
  test('goes from its end back over what each file waited for', () => {
    expect(chainOf(SMALL)).toEqual([
      { file: 'tests/b.test.ts', duration: 3000 },
      { file: 'tests/d.test.ts', duration: 6400, after: { lane: 2 } },
    ])
  })

  test('goes over an instance where that came free last', () => {
    const shorter = recordOf({ ...SMALL, files: SMALL.files.slice(0, 3) })
    expect(chainOf(shorter)).toEqual([
      { file: 'tests/a.test.ts', duration: 3900 },
      { file: 'tests/c.test.ts', duration: 3900, after: { resource: 'stripe', instance: 1 } },
    ])
  })

  test('goes through a file that ran alone', () => {
    const record = recordOf({
      files: [
        ran('a', 1, [0, 0, 0, 0, 300, 320, 330]),
        ran('alone', 2, [0, 330, 330, 330, 500, 520, 530], {
          claims: [exclusive('alone')],
          instances: { alone: 1 },
        }),
        ran('b', 1, [0, 530, 530, 530, 900, 910, 910]),
      ],
    })
    expect(chainOf(record).map(({ file }) => file)).toEqual(['a', 'alone', 'b'])
  })

  test('is one file where the last one never waited', () => {
    expect(chainOf(recordOf({ files: [SMALL.files[1]!] }))).toEqual([
      { file: 'tests/b.test.ts', duration: 3000 },
    ])
  })

  test('is empty where nothing ran', () => {
    expect(chainOf(recordOf())).toEqual([])
  })
})

test('what ran beside a file is told with lanes, instances and overlap', () => {
  expect(besideOf(SMALL, SMALL.files[1]!)).toEqual([
    { file: 'tests/a.test.ts', lane: 1, instances: { stripe: 1 }, overlap: 3200 },
    { file: 'tests/d.test.ts', lane: 2, instances: {}, overlap: 200 },
  ])
})

test('what ran beside a test is what ran while it did', () => {
  const [, b] = SMALL.files
  expect(besideOf(SMALL, b!, { from: 1000, to: 2000 })).toEqual([
    { file: 'tests/a.test.ts', lane: 1, instances: { stripe: 1 }, overlap: 1000 },
  ])
})

test('a file without an end runs beside others until now', () => {
  const [a, b] = SMALL.files
  const { queued, admitted } = b!.times
  const running = { ...b!, times: { queued, admitted: admitted! } }
  expect(besideOf({ files: [a!, running], duration: 600 }, a!, { from: 500, to: 700 })).toEqual([
    { file: 'tests/b.test.ts', lane: 2, instances: {}, overlap: 100 },
  ])
})

function setting(more: Parameters<typeof recordOf>[0], lanes: number): Setting {
  return { workload: workloadOf(recordOf(more)), lanes }
}

describe('how files wait for a core', () => {
  const files = ['a', 'b', 'c'].map((name, lane) =>
    ran(name, lane + 1, [0, 0, 0, 0, 1000, 1000, 1000], { cpu: 250, stalled: 500 }),
  )
  const record = recordOf({ files, lanes: 3 })
  const measured = { ...setting(record, 3), contention: contentionOf(record) }
  const durations = (lanes: number): number[] =>
    withLanes(measured, lanes).workload.files.map(({ duration }) => duration)

  test('is told for each ms of CPU that they used', () => {
    expect(contentionOf(record)).toEqual({ lanes: 3, perCpu: 2 })
    expect(contentionOf(recordOf({ files: [...files, SMALL.files[0]!] }))).toBeUndefined()
    expect(contentionOf(recordOf())).toBeUndefined()
  })

  test('grows with the lanes, from nothing on one', () => {
    expect(durations(1)).toEqual([500, 500, 500])
    expect(durations(2)).toEqual([750, 750, 750])
    expect(durations(3)).toEqual([1000, 1000, 1000])
    // No more than there are files.
    expect(durations(5)).toEqual([1000, 1000, 1000])
    const five = ['d', 'e'].map((name) => ran(name, 1, [0, 0, 0, 0, 1, 1, 1], { cpu: 0, stalled: 0 }))
    const more = setting(recordOf({ files: [...files, ...five] }), 3)
    const { workload } = withLanes({ ...more, contention: measured.contention }, 5)
    expect(workload.files.map(({ duration }) => duration)).toEqual([1500, 1500, 1500, 1, 1])
    expect(withLanes(withLanes(measured, 1), 3)).toEqual(measured)
  })

  test('is left out where the run had one lane', () => {
    const contention = { lanes: 1, perCpu: 2 }
    expect(withLanes({ ...measured, contention }, 6)).toEqual({ ...measured, contention, lanes: 6 })
  })
})

describe('what would shorten a run', () => {
  test('is one more instance of what all files wait for', () => {
    const files = ['a', 'b', 'c', 'd'].map((name) =>
      ran(name, 1, [0, 0, 0, 0, 1000, 1000, 1000], {
        claims: [exclusive('stripe')],
        instances: { stripe: 1 },
      }),
    )
    const [best] = gainsOf(setting({ files, resources: SMALL.resources }, 4))
    expect(best).toEqual({
      change: { kind: 'instances', resource: 'stripe', from: 1, to: 2 },
      by: 'simulation',
      before: 4000,
      after: 2000,
    })
  })

  test('is to split the file that is longer than the rest', () => {
    const files = [
      ran('long', 1, [0, 0, 0, 0, 6000, 6000, 6000]),
      ran('short', 2, [0, 0, 0, 0, 1000, 1000, 1000]),
    ]
    const [best] = gainsOf(setting({ files }, 4))
    expect(best).toEqual({
      change: { kind: 'split', file: 'long', from: 6000 },
      by: 'simulation',
      before: 6000,
      after: 3000,
    })
  })

  test('is to let files run beside each other that run one at a time', () => {
    const files = ['a', 'b', 'c'].map((name) =>
      ran(name, 1, [0, 0, 0, 0, 2000, 2000, 2000], { claims: [exclusive('sequential')] }),
    )
    const [best] = gainsOf(setting({ files }, 3))
    expect(best).toEqual({
      change: { kind: 'parallel', files: 3 },
      by: 'simulation',
      before: 6000,
      after: 2000,
    })
  })

  test('is nothing that would need more CPU than the machine has', () => {
    const files = ['a', 'b', 'c', 'd'].map((name) =>
      ran(name, 1, [0, 0, 0, 0, 1000, 1000, 1000], { cpu: 900 }),
    )
    const busy = setting({ files }, 2)
    expect(predict({ ...busy, cores: 2 })).toBe(2000)
    expect(predict({ ...busy, lanes: 4, cores: 2 })).toBe(1800)
    expect(gainsOf({ ...busy, cores: 2 }).map(({ after }) => after)).toEqual([1800])
    expect(gainsOf({ ...busy, cores: 1 })).toEqual([])
    const [unknown, ...known] = files
    const { cpu: _, ...rest } = unknown!
    expect(predict({ ...setting({ files: [rest, ...known] }, 4), cores: 1 })).toBe(1000)
  })

  test('is nothing where all files run at once and are equally long', () => {
    expect(gainsOf(setting({ files: [] }, 3))).toEqual([])
    const files = ['a', 'b'].map((name) => ran(name, 1, [0, 0, 0, 0, 100, 100, 100]))
    expect(gainsOf(setting({ files }, 3))).toEqual([])
  })
})

test('a resource that bounds a workload would do so without what else its files claim', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { workload, lanes } = randomWorkload(seed)
    const bound = boundOf(workload, lanes)
    if (bound.by !== 'resource') continue
    const alone = workload.files.filter(runsAlone)
    const only = workload.files
      .filter((file) => !runsAlone(file) && file.claims.some(({ resource }) => resource === bound.resource))
      .map((file) => ({ ...file, claims: file.claims.filter(({ resource }) => resource === bound.resource) }))
    expect(lowerBound({ ...workload, files: [...only, ...alone] }, lanes)).toBeCloseTo(bound.ms)
  }
})

function runsAlone({ claims }: WorkloadFile): boolean {
  return claims.some(({ resource, mode }) => resource === 'alone' && mode === 'exclusive')
}
