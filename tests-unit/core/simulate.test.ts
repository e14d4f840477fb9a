import {
  lowerBound,
  randomWorkload,
  simulate,
  tightBound,
  type Claim,
  type Workload,
} from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'
import { readWorkload } from './workloads.ts'

const claim = (resource: string, mode: Claim['mode'] = 'exclusive'): Claim => ({ resource, mode })

function workload(...files: readonly (readonly [number, ...Claim[]])[]): Workload {
  return {
    resources: { stripe: { instances: 1 }, llm: { instances: 2 } },
    files: files.map(([duration, ...claims], index) => ({ id: `file-${index}`, duration, claims })),
  }
}

describe('the lower bound is the greatest of', () => {
  test.each<[string, Workload, number]>([
    ['all work over the lanes', workload([10], [10], [10]), 15],
    ['the longest file', workload([100], [10], [10]), 100],
    ['the work of a resource', workload([30, claim('stripe')], [40, claim('stripe')], [10]), 70],
    [
      'the work of a resource over its instances',
      workload([90, claim('llm')], [90, claim('llm')], [90, claim('llm')]),
      135,
    ],
    [
      'work that is shared, beside what is not',
      workload([50, claim('stripe')], [40, claim('stripe', 'shared')], [40, claim('stripe', 'shared')]),
      90,
    ],
    ['the work of `sequential`', workload([30, claim('sequential')], [40, claim('sequential')]), 70],
  ])('%s', (_, files, bound) => {
    expect(lowerBound(files, 2)).toBe(bound)
  })

  test('that, and before it what runs alone', () => {
    expect(lowerBound(workload([10, claim('alone')], [5, claim('alone')], [30], [30]), 2)).toBe(45)
  })
})

test('the tight bound counts what files that share a resource claim besides', () => {
  const files = workload(
    [50, claim('stripe')],
    [40, claim('stripe', 'shared'), claim('sequential')],
    [40, claim('stripe', 'shared'), claim('sequential')],
  )
  expect(lowerBound(files, 2)).toBe(90)
  expect(tightBound(files, 2)).toBe(130)
  expect(simulate(files, { lanes: 2 }).wall).toBe(130)
})

describe('a simulation', () => {
  test('starts the longest chain first and fills the other lanes', () => {
    const { wall, leases } = simulate(workload([10], [20, claim('stripe')], [20, claim('stripe')], [30]), {
      lanes: 2,
    })
    expect(wall).toBe(40)
    expect(leases.map(({ id, lane, start, end }) => [id, lane, start, end])).toEqual([
      ['file-1', 1, 0, 20],
      ['file-3', 2, 0, 30],
      ['file-2', 1, 20, 40],
      ['file-0', 2, 30, 40],
    ])
  })

  test('holds the lane while a file starts, and the instance until it is clean', () => {
    const delays = { startDelay: 1, exitDelay: 2, cleanDelay: 3 }
    const { leases } = simulate(workload([10, claim('stripe')], [10, claim('stripe')]), {
      lanes: 2,
      ...delays,
    })
    expect(leases.map(({ start, end }) => [start, end])).toEqual([
      [0, 11],
      [16, 27],
    ])
  })

  test('goes by the estimates, and lasts as long as the files do', () => {
    const files = [
      { id: 'a', claims: [], duration: 10, estimate: 30 },
      { id: 'b', claims: [], duration: 20, estimate: 10 },
      { id: 'c', claims: [], duration: 30, estimate: 20 },
    ]
    const { wall, leases } = simulate({ resources: {}, files }, { lanes: 1 })
    expect(leases.map(({ id }) => id)).toEqual(['a', 'c', 'b'])
    expect(wall).toBe(60)
  })
})

describe('the wall time is within 5 % of the lower bound', () => {
  test.each(['job-queue', 'monorepo', 'shop-backend'] as const)(
    'for the %s suite on 2 to 12 lanes',
    (name) => {
      const files = readWorkload(name)
      for (let lanes = 2; lanes <= 12; lanes++)
        expect(
          simulate(files, { lanes }).wall / lowerBound(files, lanes),
          `${lanes} lanes`,
        ).toBeLessThanOrEqual(1.05)
    },
  )

  test('for 95 of 100 random workloads, and never below it', { timeout: 300_000 }, () => {
    const ratios: number[] = []
    const tight: number[] = []
    for (let seed = 1; seed <= 1000; seed++) {
      const { workload: files, lanes } = randomWorkload(seed)
      const { wall, leases } = simulate(files, { lanes })
      expect(leases).toHaveLength(files.files.length)
      ratios.push(wall / lowerBound(files, lanes))
      tight.push(wall / tightBound(files, lanes))
    }
    ratios.sort((a, b) => a - b)
    expect(Math.min(...tight)).toBeGreaterThanOrEqual(1 - 1e-9)
    expect(ratios[949]).toBeLessThanOrEqual(1.05)
  })

  test(
    'or nearly, when a process takes time to exit and its instances to be cleaned',
    { timeout: 300_000 },
    () => {
      const ratios: number[] = []
      for (let seed = 1; seed <= 200; seed++) {
        const { workload: files, lanes } = randomWorkload(seed)
        const { wall } = simulate(files, { lanes, exitDelay: 1 })
        ratios.push(wall / lowerBound(files, lanes))
      }
      ratios.sort((a, b) => a - b)
      expect(ratios[179]).toBeLessThanOrEqual(1.05)
    },
  )
})
