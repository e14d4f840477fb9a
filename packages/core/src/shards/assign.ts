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
}

/** What one machine is given. */
export interface Shard<T extends ShardedFile> {
  readonly units: readonly Unit<T>[]
  readonly load: Load
}

/**
 * Divides files over machines so that the slowest takes as little time as can be: the longest first, each to the
 * machine that is done soonest with it, then exchanged between machines while that helps. The same files give the same
 * shards, in whatever order they come. A shard is empty only if there are fewer files, or groups of files that have to
 * stay together, than shards. Returns a list a shard, in order of id.
 */
export function assignShards<T extends ShardedFile>(
  files: readonly T[],
  { count, lanes, resources }: ShardOptions,
): readonly (readonly T[])[] {
  const machine: Machine = { lanes, resources }
  const units = unitsOf(files, (resource) => resources[resource]?.scope === 'global', machine)
  const times = new Map(units.map((unit) => [unit, timeOf(unit.load, machine)]))
  // Units are in order of id, and sorting is stable.
  units.sort((a, b) => (times.get(b) ?? 0) - (times.get(a) ?? 0) || b.load.work - a.load.work)
  const shards = Array.from({ length: count }, (): Shard<T> => ({ units: [], load: NO_LOAD }))
  for (const [index, unit] of units.entries()) {
    const at = bestPlace(shards, unit, units.length - index, machine)
    const { units: before, load } = shards[at] ?? { units: [], load: NO_LOAD }
    shards[at] = { units: [...before, unit], load: add(load, unit.load) }
  }
  return improve(shards, machine).map(({ units }) =>
    units.flatMap(({ files }) => files).sort((a, b) => (a.id < b.id ? -1 : 1)),
  )
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
