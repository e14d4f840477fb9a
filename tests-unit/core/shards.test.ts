import {
  assignShards,
  divide,
  randomWorkload,
  simulate,
  type Claim,
  type ShardedFile,
} from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readWorkload } from './workloads.ts'

const LANES = 4

const claims = fc
  .uniqueArray(fc.constantFrom('redis', 'stripe', 'sequential', 'alone'), { maxLength: 3 })
  .chain((names) =>
    fc.tuple(
      ...names.map((resource) =>
        fc.constantFrom<Claim['mode']>('exclusive', 'shared').map((mode): Claim => ({ resource, mode })),
      ),
    ),
  )
const files = fc
  .uniqueArray(fc.record({ id: fc.string(), claims, estimate: fc.integer({ min: 0, max: 10_000 }) }), {
    selector: ({ id }) => id,
    maxLength: 60,
  })
  .map((list): readonly ShardedFile[] => list)
const count = fc.integer({ min: 1, max: 9 })
const resources = { redis: { instances: 'lanes' }, stripe: { instances: 1, scope: 'global' } } as const

const SERIES = { count: 2, lanes: 1, resources: {}, series: 'one', at: '2026-01-01' }
const THREE = [claiming('a'), claiming('b'), claiming('c')]

describe('shards', () => {
  test('have every file once', () => {
    fc.assert(
      fc.property(files, count, (all, n) => {
        const shards = assignShards(all, { count: n, lanes: LANES, resources })
        expect(shards).toHaveLength(n)
        expect(ids(shards.flat()).sort()).toEqual(ids(all).sort())
      }),
    )
  })

  test('are the same in whatever order the files come', () => {
    fc.assert(
      fc.property(files, count, fc.infiniteStream(fc.nat()), (all, n, numbers) => {
        const shuffled = all
          .map((file) => ({ file, at: numbers.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ file }) => file)
        const divide = (list: readonly ShardedFile[]) =>
          assignShards(list, { count: n, lanes: LANES, resources }).map(ids)
        expect(divide(shuffled)).toEqual(divide(all))
      }),
    )
  })

  test('are not empty where there are enough files', () => {
    fc.assert(
      fc.property(files, count, (all, n) => {
        const free = all.map((file) => ({ ...file, claims: [] }))
        const shards = assignShards(free, { count: n, lanes: LANES, resources: {} })
        expect(shards.filter((shard) => shard.length > 0)).toHaveLength(Math.min(n, all.length))
      }),
    )
  })

  test('keep the holders of a global resource together', () => {
    fc.assert(
      fc.property(files, count, (all, n) => {
        const shards = assignShards(all, { count: n, lanes: LANES, resources })
        const holding = shards.filter((shard) =>
          shard.some((file) => file.claims.some(({ resource }) => resource === 'stripe')),
        )
        expect(holding.length).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('keep together what two global resources bind in turn', () => {
    const shards = assignShards(
      [claiming('a', 'x'), claiming('b', 'y'), claiming('c', 'x', 'y'), claiming('d')],
      {
        count: 2,
        lanes: LANES,
        resources: { x: { instances: 1, scope: 'global' }, y: { instances: 1, scope: 'global' } },
      },
    )
    expect(shards.map(ids)).toEqual([['a', 'b', 'c'], ['d']])
  })

  test('spread the holders of a resource that each machine has', () => {
    const all = Array.from({ length: 8 }, (_, index): ShardedFile => ({
      id: String(index),
      claims: index < 4 ? [{ resource: 'printer', mode: 'exclusive' }] : [],
      estimate: 1000,
    }))
    const shards = assignShards(all, { count: 4, lanes: LANES, resources: { printer: { instances: 1 } } })
    expect(shards.map((shard) => shard.filter((file) => file.claims.length > 0).length)).toEqual([1, 1, 1, 1])
  })

  test('stay as they were while that is good enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 2, max: 5 }), (seed, n) => {
        const { workload } = randomWorkload(seed)
        const options = { count: n, lanes: LANES, resources: workload.resources }
        const all = workload.files.map((file) => ({ ...file, estimate: file.duration }))
        const first = assignShards(all, options)
        const before = new Map(first.flatMap((shard, index) => shard.map(({ id }) => [id, index] as const)))
        const nearly = all.map((file, index) => ({
          ...file,
          estimate: file.estimate * (1 + (index % 3) / 100),
        }))
        expect(assignShards(nearly, { ...options, before }).map(ids)).toEqual(first.map(ids))
      }),
      { numRuns: 30 },
    )
  })

  test('of one series keep to the division of the first, whatever the others have learnt meanwhile', () => {
    const first = divide(THREE, { ...SERIES, index: 1, known: undefined })
    const slower = THREE.map((file) => ({ ...file, estimate: file.id === 'a' ? 9000 : 10 }))
    const second = divide([...slower, claiming('new')], { ...SERIES, index: 2, known: first })
    expect(second.files).toEqual({ ...first.files, new: 2 })
    expect(second.begun).toEqual([1, 2])
  })

  test('are divided anew in another series, for another number, and when one of them runs again', () => {
    const stale = { series: 'one', at: '2026', count: 2, begun: [1], files: { a: 1, b: 1, c: 1 } }
    for (const change of [{ series: 'two' }, { count: 3 }, { index: 1 }]) {
      const { files } = divide(THREE, { ...SERIES, index: 2, known: stale, ...change })
      expect(new Set(Object.values(files)).size).toBeGreaterThan(1)
    }
  })

  test('change as far as they have to when they have become uneven', () => {
    const all = Array.from({ length: 20 }, (_, index) => ({ ...claiming(String(index)), estimate: 1000 }))
    const before = new Map(all.map(({ id }, index) => [id, index < 14 ? 0 : 1]))
    const shards = assignShards(all, { count: 2, lanes: 1, resources: {}, before })
    expect(shards.map((shard) => shard.length)).toEqual([10, 10])
    const moved = shards.flatMap((shard, index) => shard.filter(({ id }) => before.get(id) !== index))
    expect(moved).toHaveLength(4)
  })

  test.each([2, 4, 8])('are within 5 % of the best possible, %i of them, for 95 of 100 suites', (n) => {
    const ratios = Array.from({ length: 100 }, (_, seed) => {
      const { workload } = randomWorkload(seed + 1)
      const all = workload.files.map((file) => ({ ...file, estimate: file.duration }))
      const walls = assignShards(all, { count: n, lanes: LANES, resources: workload.resources }).map(
        (shard) => simulate({ ...workload, files: shard }, { lanes: LANES }).wall,
      )
      const mean = walls.reduce((sum, wall) => sum + wall, 0) / n
      return Math.max(...walls) / Math.max(mean, ...all.map(({ estimate }) => estimate))
    }).sort((a, b) => a - b)
    expect(ratios[94]).toBeLessThanOrEqual(1.05)
  })

  test.each(['job-queue', 'monorepo', 'shop-backend'] as const)('divide the %s suite evenly', (name) => {
    const workload = readWorkload(name)
    const all = workload.files.map((file) => ({ ...file, estimate: file.duration }))
    for (const n of [2, 4, 8]) {
      const walls = assignShards(all, { count: n, lanes: LANES, resources: workload.resources }).map(
        (shard) => simulate({ ...workload, files: shard }, { lanes: LANES }).wall,
      )
      const mean = walls.reduce((sum, wall) => sum + wall, 0) / n
      const longest = Math.max(...all.map(({ estimate }) => estimate))
      expect(Math.max(...walls) / Math.max(mean, longest)).toBeLessThanOrEqual(1.05)
    }
  })
})

function claiming(id: string, ...names: string[]): ShardedFile {
  return { id, claims: names.map((resource) => ({ resource, mode: 'exclusive' })), estimate: 100 }
}

function ids(list: readonly ShardedFile[]): string[] {
  return list.map(({ id }) => id)
}
