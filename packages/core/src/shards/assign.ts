import type { Claim, Instances } from '../claim.ts'
import { improve } from './improve.ts'
import { NO_LOAD, add, timeOf, type Load, type Machine } from './load.ts'
import { unitsOf, type Unit } from './units.ts'

/** A file to be given to one of several machines. */
export interface ShardedFile {
  /** Unique. */
  readonly id: string
  readonly claims: readonly Claim[]
  /** ms. */
  readonly estimate: number
}

export interface ShardOptions {
  /** How many machines there are. */
  readonly count: number
  /** How many files each runs at once: the same number wherever it is worked out, or the machines disagree. */
  readonly lanes: number
  /** `global`: the machines share it, so all its holders stay together on one of them. Default `machine`. */
  readonly resources: Readonly<
    Record<string, { readonly instances: Instances; readonly scope?: 'machine' | 'global' }>
  >
  /** Which shard files were in last time, by id; from 0. */
  readonly before?: ReadonlyMap<string, number>
}

/** What one machine is given. */
export interface Shard<T extends ShardedFile> {
  readonly units: readonly Unit<T>[]
  readonly load: Load
}

/** Files stay where they were last time as long as the slowest machine is not slower than this, over the best. */
const TOLERANCE = 1.03

/**
 * Divides files over machines so that the slowest takes as little time as can be: the longest first, each to the
 * machine that is done soonest with it, then exchanged between machines while that helps. Where it is known how they
 * were divided before, as few are moved as will do. The same files give the same shards, in whatever order they come. A
 * shard is empty only if there are fewer files, or groups of files that have to stay together, than shards. Returns a
 * list a shard, in order of id.
 */
export function assignShards<T extends ShardedFile>(
  files: readonly T[],
  { count, lanes, resources, before = new Map() }: ShardOptions,
): readonly (readonly T[])[] {
  const machine: Machine = { lanes, resources }
  const units = unitsOf(files, (resource) => resources[resource]?.scope === 'global', machine)
  const times = new Map(units.map((unit) => [unit, timeOf(unit.load, machine)]))
  // Units are in order of id, and sorting is stable.
  units.sort((a, b) => (times.get(b) ?? 0) - (times.get(a) ?? 0) || b.load.work - a.load.work)
  const best = improve(place(units, count, machine), machine)
  const shards = before.size === 0 ? best : (stay(units, before, best, machine) ?? best)
  return shards.map(({ units }) => units.flatMap(({ files }) => files).sort((a, b) => (a.id < b.id ? -1 : 1)))
}

/** Undefined if too much has changed for anything to stay. */
function stay<T extends ShardedFile>(
  units: readonly Unit<T>[],
  before: ReadonlyMap<string, number>,
  best: readonly Shard<T>[],
  machine: Machine,
): readonly Shard<T>[] | undefined {
  const enough = slowest(best, machine) * TOLERANCE
  const known = best.map((_, index): Shard<T> => {
    const mine = units.filter(({ id }) => before.get(id) === index)
    return { units: mine, load: mine.reduce((load, unit) => add(load, unit.load), NO_LOAD) }
  })
  const placed = new Set(known.flatMap((shard) => shard.units))
  const rest = units.filter((unit) => !placed.has(unit))
  const shards = improve(place(rest, best.length, machine, known), machine, enough)
  const isEmptier =
    shards.some((shard) => shard.units.length === 0) && best.every((shard) => shard.units.length > 0)
  return slowest(shards, machine) <= enough && !isEmptier ? shards : undefined
}

function place<T extends ShardedFile>(
  units: readonly Unit<T>[],
  count: number,
  machine: Machine,
  begun: readonly Shard<T>[] = Array.from({ length: count }, () => ({ units: [], load: NO_LOAD })),
): readonly Shard<T>[] {
  const shards = [...begun]
  for (const [index, unit] of units.entries()) {
    const at = bestPlace(shards, unit, units.length - index, machine)
    const { units: before, load } = shards[at] ?? { units: [], load: NO_LOAD }
    shards[at] = { units: [...before, unit], load: add(load, unit.load) }
  }
  return shards
}

function slowest<T extends ShardedFile>(shards: readonly Shard<T>[], machine: Machine): number {
  return Math.max(...shards.map(({ load }) => timeOf(load, machine)))
}

/** Where the unit is done soonest; of equals where there is least to do. `left` units have no place yet. */
function bestPlace<T extends ShardedFile>(
  shards: readonly Shard<T>[],
  unit: Unit<T>,
  left: number,
  machine: Machine,
): number {
  const empty = shards.filter(({ units }) => units.length === 0).length
  let best = 0
  let least: readonly number[] = [Number.POSITIVE_INFINITY]
  for (const [index, { units, load }] of shards.entries()) {
    if (units.length > 0 && left <= empty) continue
    const rank = [timeOf(add(load, unit.load), machine), load.work + load.alone, units.length]
    if (isLess(rank, least)) [best, least] = [index, rank]
  }
  return best
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((value, place) => value !== b[place])
  return index !== -1 && (a[index] ?? 0) < (b[index] ?? 0)
}
