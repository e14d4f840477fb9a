import {
  EMPTY_HISTORY,
  assignShards,
  createEstimator,
  randomWorkload,
  simulate,
  updateHistory,
  type FileRecord,
  type History,
  type RunRecord,
  type Workload,
} from '@vitest-lanes/core'
import type { BenchResult } from './result.ts'

const LANES = 4
const CORES = 2
const SUITES = 200
const RUNS = 50
/** Durations vary by so much from run to run. */
const NOISE = 0.1

/** How evenly shards are divided, and whether they stay as they are from run to run. */
export function shards(): Promise<BenchResult[]> {
  const even = [2, 4, 8].flatMap((count) => {
    const ours = percentile(0.95, (workload) => slowest(workload, balanced(workload, count)))
    const plain = percentile(0.95, (workload) => slowest(workload, byNumber(workload, count)))
    return [
      atMost(`shards.slowest-${count}`, ours, 1.05),
      atMost(`shards.slowest-${count}-plain`, plain, Infinity),
    ]
  })
  const corrected = movesAndCost(true)
  const raw = movesAndCost(false)
  return Promise.resolve([
    ...even,
    // Files that change their shard, corrected durations over raw ones.
    atMost('shards.moves-corrected', corrected.moved / raw.moved, 1),
    atMost('shards.slowest-corrected', corrected.slowest, 1.05),
    atMost('shards.slowest-raw', raw.slowest, Infinity),
  ])
}

type Division = readonly (readonly Workload['files'][number][])[]

function balanced({ resources, files }: Workload, count: number): Division {
  const known = files.map((file) => ({ ...file, estimate: file.duration }))
  return assignShards(known, { count, lanes: LANES, resources })
}

/** As Vitest 4.1 and 5.1 do: equally many files, in an order that has nothing to do with time. */
function byNumber({ files }: Workload, count: number): Division {
  const shuffled = files.toSorted((a, b) => hash(a.id) - hash(b.id))
  const size = Math.ceil(files.length / count)
  return Array.from({ length: count }, (_, index) => shuffled.slice(index * size, (index + 1) * size))
}

/** The slowest shard over the best that there could be: the mean, or the longest file where that takes longer. */
function slowest({ resources, files }: Workload, division: Division): number {
  const walls = division.map((shard) => simulate({ resources, files: shard }, { lanes: LANES }).wall)
  const mean = walls.reduce((sum, wall) => sum + wall, 0) / walls.length
  return Math.max(...walls) / Math.max(mean, ...files.map(({ duration }) => duration))
}

function percentile(part: number, measure: (workload: Workload) => number): number {
  const all = Array.from({ length: SUITES }, (_, seed) => measure(randomWorkload(seed + 1).workload))
  return all.sort((a, b) => a - b)[Math.ceil(part * SUITES) - 1] ?? Number.POSITIVE_INFINITY
}

/**
 * Runs of one suite in four shards, each divided by the history of those before it. Half of the files compute, which on
 * a machine with fewer cores than lanes takes the longer, the more of them it was given.
 */
function movesAndCost(correct: boolean): { moved: number; slowest: number } {
  const count = 4
  const { workload } = randomWorkload(7)
  const random = generator(1)
  const truth = new Map(
    workload.files.map(({ id, duration }) => [id, { duration, cpu: random() < 0.5 ? 0.9 : 0.05 }]),
  )
  let history: History = EMPTY_HISTORY
  let before: ReadonlyMap<string, number> = new Map()
  let moved = 0
  let cost = 0
  for (let run = 0; run < RUNS; run++) {
    const { estimate } = createEstimator(history)
    const files = workload.files.map((file) => ({
      ...file,
      estimate: estimate({ file: file.id, project: '' }),
    }))
    const division = assignShards(files, { count, lanes: LANES, resources: workload.resources, before })
    const records = division.flatMap((shard): FileRecord[] => {
      const work = sum(shard.map(({ duration }) => duration))
      const busy = sum(shard.map(({ id, duration }) => duration * (truth.get(id)?.cpu ?? 0)))
      const stretch = Math.max(1, (busy / work) * (LANES / CORES))
      return shard.map(({ id, duration }) => {
        const real = duration * (1 + NOISE * (2 * random() - 1))
        const stalled = real * (truth.get(id)?.cpu ?? 0) * (stretch - 1)
        return ran(id, real + stalled, correct ? stalled : 0)
      })
    })
    history = updateHistory(history, recordOf(records, run))
    const now = new Map(division.flatMap((shard, index) => shard.map(({ id }) => [id, index] as const)))
    // The first runs know nothing yet.
    if (run > 5) {
      moved += [...now].filter(([id, index]) => before.get(id) !== index).length
      cost += slowest(workload, division) / (RUNS - 6)
    }
    before = now
  }
  return { moved, slowest: cost }
}

function ran(file: string, duration: number, stalled: number): FileRecord {
  return {
    file,
    project: '',
    claims: [],
    outcome: 'passed',
    tests: { passed: 1, failed: 0, skipped: 0, todo: 0 },
    times: { queued: 0, admitted: 0, ready: 0, finished: duration },
    stalled,
  }
}

function recordOf(files: readonly FileRecord[], run: number): RunRecord {
  return {
    version: 1,
    run: String(run),
    vitestLanes: '',
    vitest: '',
    node: '',
    platform: '',
    cores: CORES,
    startedAt: new Date(Date.UTC(2026, 0, 1 + run)).toISOString(),
    duration: 0,
    outcome: 'passed',
    lanes: LANES,
    resources: {},
    files,
    findings: [],
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return state >>> 0
}

/** mulberry32. */
function generator(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function atMost(id: string, value: number, limit: number): BenchResult {
  return { id, value: Math.round(value * 1000) / 1000, unit: 'ratio', limit, pass: value <= limit }
}
