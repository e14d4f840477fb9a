import { ALONE, type Claim, type Mode } from './claim.ts'

/** What the order of a file depends on. */
export interface OrderedFile {
  readonly id: string
  readonly claims: readonly Claim[]
  /** ms. */
  readonly estimate: number
  readonly failedLast?: boolean
}

export interface OrderOptions {
  readonly lanes: number
  /** How many instances the resource has. */
  readonly instances: (resource: string) => number
}

/** The work that waits for a resource, over its instances; in ms. */
interface Chain {
  whole: number
  /** Of the files looked at so far, from the end. */
  tail: number
}

/** One way to claim a resource: files that share it run beside each other, as many as there are lanes. */
interface Link {
  readonly chain: Chain
  /** What part of its time a file adds to the chain. */
  readonly share: number
}

const NONE: readonly Link[] = []

/**
 * Those that failed last time, those that run alone, then the one on the longest remaining chain. A file that claims
 * nothing is a chain by itself. Of the files of one resource those that claim other long chains too come first, then
 * the longer. Ties are broken by id.
 */
export function chainOrder<T extends OrderedFile>(files: readonly T[], options: OrderOptions): readonly T[] {
  const links = link(files, options)
  // Numbers side by side: a comparison then touches these, not two files somewhere in memory.
  const estimate = Float64Array.from(files, (file) => file.estimate)
  const longest = Float64Array.from(estimate)
  const sum = new Float64Array(files.length)
  for (const [index, list] of links.entries())
    for (const { chain } of list) {
      longest[index] = Math.max(longest[index] ?? 0, chain.whole)
      sum[index] = (sum[index] ?? 0) + chain.whole
    }
  const byId = (a: number, b: number) => ((files[a]?.id ?? '') < (files[b]?.id ?? '') ? -1 : 1)
  const order = Array.from(files.keys()).sort(
    (a, b) => difference(longest, a, b) || difference(sum, a, b) || difference(estimate, a, b) || byId(b, a),
  )
  // The longest chain that has still to run when the file starts: what comes after it, and itself.
  const remaining = Float64Array.from(estimate)
  for (const index of order)
    for (const { chain, share } of links[index] ?? NONE) {
      chain.tail += (estimate[index] ?? 0) * share
      remaining[index] = Math.max(remaining[index] ?? 0, chain.tail)
    }
  const first = Uint8Array.from(files, (file) => (file.failedLast ? 2 : 0) + (isAlone(file) ? 1 : 0))
  order.sort(
    (a, b) =>
      difference(first, b, a) || difference(remaining, b, a) || difference(estimate, b, a) || byId(a, b),
  )
  const ordered: T[] = []
  for (const index of order) {
    const file = files[index]
    if (file !== undefined) ordered.push(file)
  }
  return ordered
}

function difference(numbers: Float64Array | Uint8Array, a: number, b: number): number {
  return (numbers[a] ?? 0) - (numbers[b] ?? 0)
}

function link(files: readonly OrderedFile[], options: OrderOptions): (readonly Link[])[] {
  const known = new Map<string, Record<Mode, Link>>()
  return files.map(({ claims, estimate }) => {
    const links: Link[] = []
    for (const { resource, mode } of claims) {
      if (resource === ALONE) continue
      let ways = known.get(resource)
      if (ways === undefined) known.set(resource, (ways = linksOf(resource, options)))
      const way = ways[mode]
      way.chain.whole += estimate * way.share
      links.push(way)
    }
    return links.length === 0 ? NONE : links
  })
}

function isAlone({ claims }: OrderedFile): boolean {
  return claims.some(({ resource, mode }) => resource === ALONE && mode === 'exclusive')
}

function linksOf(resource: string, { lanes, instances }: OrderOptions): Record<Mode, Link> {
  const chain: Chain = { whole: 0, tail: 0 }
  const share = 1 / Math.max(1, instances(resource))
  return { exclusive: { chain, share }, shared: { chain, share: share / Math.max(1, lanes) } }
}
