import { assignShards, type ShardedFile, type ShardOptions } from './assign.ts'

/** How the files of a series of shards were divided: kept with the history. */
export interface Division {
  /** One pipeline of CI, or one machine: what runs there under the same number of shards belongs together. */
  readonly series: string
  /** When it was made; ISO 8601. */
  readonly at: string
  readonly count: number
  /** The shards that were run, from 1, in order. */
  readonly begun: readonly number[]
  /** Id to shard. */
  readonly files: Readonly<Record<string, number>>
}

export interface DivideOptions extends Omit<ShardOptions, 'before'> {
  /** The shard that is about to run, from 1. */
  readonly index: number
  readonly series: string
  readonly at: string
  readonly known: Division | undefined
}

/**
 * Divides files over shards. Shards of one series that run one after another, where each sees what those before it have
 * left, keep to the division of the first: a file would else run twice, or not at all. A shard that is run again begins
 * a new one, which stays near to the last.
 */
export function divide(files: readonly ShardedFile[], options: DivideOptions): Division {
  const { index, series, at, count, known } = options
  const isOurs = known?.count === count
  if (isOurs && known.series === series && !known.begun.includes(index)) {
    // What is new in between goes to whoever sees it first.
    const shards = files.map(({ id }) => [id, known.files[id] ?? index] as const)
    return {
      ...known,
      begun: [...known.begun, index].sort((a, b) => a - b),
      files: { ...known.files, ...Object.fromEntries(shards) },
    }
  }
  const before = new Map(isOurs ? Object.entries(known.files).map(([id, shard]) => [id, shard - 1]) : [])
  const shards = assignShards(files, { ...options, before })
  const assigned = shards.flatMap((shard, place) => shard.map(({ id }) => [id, place + 1] as const))
  assigned.sort(([a], [b]) => (a < b ? -1 : 1))
  return { series, at, count, begun: [index], files: Object.fromEntries(assigned) }
}

/** One of two, such as those of two shards. In any order the same. */
export function mergeDivisions(a: Division | undefined, b: Division | undefined): Division | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (a.series === b.series && a.at === b.at && a.count === b.count)
    return {
      ...a,
      begun: [...new Set([...a.begun, ...b.begun])].sort((x, y) => x - y),
      files: leastOf(a.files, b.files),
    }
  return [a, b].sort((x, y) => (x.at < y.at || (x.at === y.at && x.series < y.series) ? 1 : -1))[0]
}

function leastOf(a: Division['files'], b: Division['files']): Division['files'] {
  const files = new Map(Object.entries(a))
  for (const [id, shard] of Object.entries(b)) files.set(id, Math.min(shard, files.get(id) ?? shard))
  return Object.fromEntries([...files].sort(([x], [y]) => (x < y ? -1 : 1)))
}
