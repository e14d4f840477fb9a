import { simulate } from '../simulate.ts'
import type { Workload, WorkloadFile } from '../workload.ts'
import { cutInto, cutIntoExactly, fewestParts, partsOf, type Cut } from './cut.ts'

/** What is known of a file that may be split. */
export interface Splittable {
  /** Durations of its tests in their order, in ms. */
  readonly tests: readonly number[]
  /** What each part takes beside them, in ms. */
  readonly overhead: number
  /** CPU that the whole file uses, in ms. */
  readonly cpu?: number
}

export interface SplitOptions {
  readonly lanes: number
  readonly cores: number
  /** So many parts each, whether it pays or not. Default: as few as shorten the run. */
  readonly parts?: number
}

export interface SplitPlan {
  /** Of the files that are to be split, by id. */
  readonly cuts: ReadonlyMap<string, Cut>
  /** How long the run takes with them, and with every file whole; in ms, by simulation. 0 where there is no choice. */
  readonly wall: number
  readonly whole: number
}

/** A gain below this is within what a simulation can tell. */
const WORTH = 0.95
/** Plans that differ by less are taken for equal: then the one with fewer parts. */
const EQUAL = 1.02
const STEPS = 16
/** Of the lanes: with as many parts as lanes, what else is to run finds no place that fits. */
const MOST_PARTS = 2

/**
 * Decides which files run in how many parts. For shorter and shorter limits, each file above the limit is cut into the
 * fewest parts that keep it, and the run is simulated; the longest limit wins whose run is about as short as any.
 */
export function planSplits(
  workload: Workload,
  candidates: ReadonlyMap<string, Splittable>,
  options: SplitOptions,
): SplitPlan {
  const { lanes, parts } = options
  const wallOf = (cuts: ReadonlyMap<string, Cut>): number =>
    Math.max(
      simulate(withParts(workload, candidates, cuts), { lanes }).wall,
      cpuOf(candidates, cuts) / options.cores,
    )
  const none = new Map<string, Cut>()
  if (candidates.size === 0) return { cuts: none, wall: 0, whole: 0 }
  const whole = wallOf(none)
  if (parts !== undefined) {
    const each = [...candidates].map(([id, { tests }]) => [id, cutIntoExactly(tests, parts)] as const)
    const cuts = new Map(each.filter(([, cut]) => cut.length > 1))
    return { cuts, whole, wall: wallOf(cuts) }
  }
  const longest = workload.files
    .filter(({ id }) => candidates.has(id))
    .reduce((most, { duration }) => Math.max(most, duration), 0)
  const least = workload.files.reduce((sum, { duration }) => sum + duration, 0) / lanes / 4
  const plans = limits(longest, least).map((limit) => {
    const cuts = cutEach(candidates, (file, duration) =>
      duration <= limit
        ? 1
        : Math.min(MOST_PARTS * lanes, fewestParts(file.tests, Math.max(limit - file.overhead, limit / 4))),
    )
    return { cuts, wall: wallOf(cuts) }
  })
  const shortest = plans.reduce((least, { wall }) => Math.min(least, wall), whole)
  const chosen = plans.find(({ wall }) => wall <= EQUAL * shortest)
  if (chosen === undefined || chosen.wall > WORTH * whole) return { cuts: none, whole, wall: whole }
  return { ...chosen, whole }

  function cutEach(
    files: ReadonlyMap<string, Splittable>,
    count: (file: Splittable, duration: number) => number,
  ): ReadonlyMap<string, Cut> {
    const cuts = new Map<string, Cut>()
    for (const { id, duration } of workload.files) {
      const file = files.get(id)
      if (file === undefined) continue
      const wanted = count(file, duration)
      const cut = wanted < 2 ? [0] : cutInto(file.tests, wanted)
      if (cut.length > 1) cuts.set(id, cut)
    }
    return cuts
  }
}

/** The name of a part among the files of a run; parts are counted from 0. */
export function partId(id: string, part: number): string {
  return `${id} (part ${part + 1})`
}

/** How long each part of a file takes, in ms. */
export function partDurations({ tests, overhead }: Splittable, cut: Cut): number[] {
  return partsOf(tests, cut).map((part) => part.reduce((sum, duration) => sum + duration, overhead))
}

function withParts(
  { resources, files }: Workload,
  candidates: ReadonlyMap<string, Splittable>,
  cuts: ReadonlyMap<string, Cut>,
): Workload {
  return {
    resources,
    files: files.flatMap((file): WorkloadFile[] => {
      const cut = cuts.get(file.id)
      const known = candidates.get(file.id)
      if (cut === undefined || known === undefined) return [file]
      return partDurations(known, cut).map((duration, part) => ({
        id: partId(file.id, part),
        claims: file.claims,
        duration,
      }))
    }),
  }
}

/** CPU of the files that may be split; what a part does again is taken for work rather than for waiting. */
function cpuOf(candidates: ReadonlyMap<string, Splittable>, cuts: ReadonlyMap<string, Cut>): number {
  let sum = 0
  for (const [id, { cpu = 0, overhead }] of candidates)
    sum += cpu + ((cuts.get(id)?.length ?? 1) - 1) * Math.min(overhead, cpu)
  return sum
}

function limits(longest: number, least: number): number[] {
  if (longest <= 0) return []
  const lowest = Math.min(Math.max(least, longest / 64), longest / 2)
  const step = (longest / lowest) ** (1 / STEPS)
  return Array.from({ length: STEPS }, (_, index) => longest / step ** (index + 1))
}
