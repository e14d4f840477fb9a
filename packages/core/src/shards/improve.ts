import type { Shard, ShardedFile } from './assign.ts'
import { NO_LOAD, add, subtract, timeOf, type Load, type Machine } from './load.ts'
import type { Unit } from './units.ts'

/** Each makes the slowest shard faster. */
const MOST_EXCHANGES = 200
/** Of a shard: so many of its longest, and so many of its shortest. */
const LOOKED_AT = 12
/** Times that differ by less, as a part, are equal. */
const EQUAL = 0.001

/**
 * Gives one unit of the slowest shard to another, or exchanges two, as long as both are then faster than it was.
 * @param enough ms that the slowest may take: it is left at that
 */
export function improve<T extends ShardedFile>(
  shards: readonly Shard<T>[],
  machine: Machine,
  enough = 0,
): readonly Shard<T>[] {
  let current = shards
  for (let exchanges = 0; exchanges < MOST_EXCHANGES; exchanges++) {
    const better = exchangeOnce(current, machine, enough)
    if (better === undefined) break
    current = better
  }
  return current
}

function exchangeOnce<T extends ShardedFile>(
  shards: readonly Shard<T>[],
  machine: Machine,
  enough: number,
): readonly Shard<T>[] | undefined {
  const byTime = shards
    .map((shard, index) => ({ shard, index, time: timeOf(shard.load, machine) }))
    .sort((a, b) => b.time - a.time || a.index - b.index)
  const [from, ...others] = byTime
  if (from === undefined || from.time <= enough) return undefined
  let least = from.time * (1 - EQUAL)
  let best: { readonly to: number; readonly give: Unit<T>; readonly take: Unit<T> | undefined } | undefined
  const gives = candidates(from.shard)
  for (const { shard: to, index, time: before } of others.toReversed()) {
    if (before >= least) break
    const consider = (give: Unit<T>, take?: Unit<T>): void => {
      const time = Math.max(
        timeOf(loadAfter(to, take, give), machine),
        timeOf(loadAfter(from.shard, give, take), machine),
      )
      if (time >= least) return
      least = time
      best = { to: index, give, take }
    }
    for (const give of gives) {
      if (from.shard.units.length > 1) consider(give)
      for (const take of candidates(to)) consider(give, take)
    }
  }
  if (best === undefined) return undefined
  const { to, give, take } = best
  return shards.map((shard, index) => {
    if (index === from.index) return swap(shard, give, take)
    return index === to ? swap(shard, take, give) : shard
  })
}

function candidates<T extends ShardedFile>({ units }: Shard<T>): readonly Unit<T>[] {
  return units.length <= 2 * LOOKED_AT ? units : [...units.slice(0, LOOKED_AT), ...units.slice(-LOOKED_AT)]
}

function swap<T extends ShardedFile>(
  shard: Shard<T>,
  out: Unit<T> | undefined,
  into: Unit<T> | undefined,
): Shard<T> {
  const units = shard.units.filter((unit) => unit !== out)
  if (into !== undefined) units.push(into)
  // Longest first, as they were placed.
  units.sort((a, b) => b.load.work - a.load.work || (a.id < b.id ? -1 : 1))
  return { units, load: loadAfter(shard, out, into) }
}

function loadAfter<T extends ShardedFile>(
  { units, load }: Shard<T>,
  out: Unit<T> | undefined,
  into: Unit<T> | undefined,
): Load {
  const rest = out === undefined ? load : (subtract(load, out.load) ?? loadBut(units, out))
  return into === undefined ? rest : add(rest, into.load)
}

function loadBut<T extends ShardedFile>(units: readonly Unit<T>[], out: Unit<T>): Load {
  return units.reduce((load, unit) => (unit === out ? load : add(load, unit.load)), NO_LOAD)
}
