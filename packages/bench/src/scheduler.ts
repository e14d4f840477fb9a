import {
  admit,
  createAdmission,
  lowerBound,
  randomWorkload,
  simulate,
  type Claim,
  type FileRequest,
  type Lease,
} from '@vitest-lanes/core'
import { median } from './median.ts'
import type { BenchResult } from './result.ts'

const RESOURCES = 100
const LANES = 8
const RUNS = 15

/** What the scheduler costs by itself, and how near its schedules come to the best there could be. */
export async function scheduler(): Promise<BenchResult[]> {
  const times = new Map<number, number[]>([10_000, 20_000].map((count) => [count, []]))
  // Side by side, so that a machine that slows down slows both.
  for (let run = 0; run < RUNS; run++)
    for (const [count, list] of times) list.push(admitAll(randomFiles(count)))
  const [small = 0, large = 0] = [...times.values()].map((list) => median(list))
  return [
    atMost('scheduler.admit-10000', small, 'ms', 150),
    // n log n comes to 2.15; the rest is the larger memory.
    atMost('scheduler.growth', large / small, 'ratio', 2.4),
    atMost('scheduler.bound-p95', boundAt(0.95, 1000), 'ratio', 1.05),
  ]
}

/** How long it takes in ms to order all files, grant each its lease, and take it back. */
function admitAll(files: readonly FileRequest[]): number {
  const resources = Object.fromEntries(
    Array.from({ length: RESOURCES }, (_, index) => [`resource-${index}`, { instances: 1 + (index % 3) }]),
  )
  const begin = performance.now()
  const state = createAdmission({ lanes: LANES, resources })
  const running: Lease[] = [...admit(state, { type: 'enqueue', files })[1]]
  for (const { id, instances } of running) {
    running.push(...admit(state, { type: 'finished', id })[1])
    for (const resource of Object.keys(instances))
      running.push(...admit(state, { type: 'cleaned', id, resource })[1])
  }
  const time = performance.now() - begin
  if (running.length !== files.length)
    throw new Error(`Expected ${files.length} leases, got ${running.length}.`)
  return time
}

/** Each file claims 0 to 3 of the resources, every fifth claim is shared: nearly every set of claims is another. */
function randomFiles(count: number): FileRequest[] {
  let state = count
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return Array.from({ length: count }, (_, index) => {
    const claimed = new Set(Array.from({ length: random(4) }, () => random(RESOURCES)))
    const claims = [...claimed].map((resource): Claim => ({
      resource: `resource-${resource}`,
      mode: random(5) === 0 ? 'shared' : 'exclusive',
    }))
    return { id: `tests/directory-${index % 100}/file-${index}.test.ts`, claims, estimate: 1 + random(5000) }
  })
}

/** Wall time over the lower bound, at a percentile of so many random workloads. */
function boundAt(percentile: number, workloads: number): number {
  const ratios = Array.from({ length: workloads }, (_, seed) => {
    const { workload, lanes } = randomWorkload(seed + 1)
    return simulate(workload, { lanes }).wall / lowerBound(workload, lanes)
  }).sort((a, b) => a - b)
  return ratios[Math.ceil(percentile * workloads) - 1] ?? Number.POSITIVE_INFINITY
}

function atMost(id: string, value: number, unit: string, limit: number): BenchResult {
  return { id, value: Math.round(value * 1000) / 1000, unit, limit, pass: value <= limit }
}
