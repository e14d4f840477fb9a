import { ALONE, type Claim } from './claim.ts'

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
  readonly instances: number
  whole: number
  /** Of the files looked at so far, from the end. */
  tail: number
}

interface Entry<T> {
  readonly file: T
  readonly alone: boolean
  readonly links: readonly { readonly chain: Chain; readonly work: number }[]
  longest: number
  sum: number
  /** The longest chain that has still to run when the file starts: what comes after it, and itself. */
  remaining: number
}

/**
 * Those that failed last time, those that run alone, then the one on the longest remaining chain. A file that claims
 * nothing is a chain by itself. Of the files of one resource those that claim other long chains too come first, then
 * the longer. Ties are broken by id.
 */
export function chainOrder<T extends OrderedFile>(files: readonly T[], options: OrderOptions): readonly T[] {
  const entries = link(files, options)
  for (const entry of entries)
    for (const { chain } of entry.links) {
      entry.longest = Math.max(entry.longest, chain.whole)
      entry.sum += chain.whole
    }
  entries.sort(
    (a, b) =>
      a.longest - b.longest || a.sum - b.sum || a.file.estimate - b.file.estimate || byId(b.file, a.file),
  )
  for (const entry of entries) {
    entry.remaining = entry.file.estimate
    for (const { chain, work } of entry.links) {
      chain.tail += work
      entry.remaining = Math.max(entry.remaining, chain.tail)
    }
  }
  return entries
    .sort(
      (a, b) =>
        Number(b.file.failedLast ?? false) - Number(a.file.failedLast ?? false) ||
        Number(b.alone) - Number(a.alone) ||
        b.remaining - a.remaining ||
        b.file.estimate - a.file.estimate ||
        byId(a.file, b.file),
    )
    .map(({ file }) => file)
}

/** Files that share a resource run beside each other, as many as there are lanes: each adds its part to the chain. */
function link<T extends OrderedFile>(files: readonly T[], { lanes, instances }: OrderOptions): Entry<T>[] {
  const chains = new Map<string, Chain>()
  return files.map((file) => {
    let alone = false
    const links = []
    for (const { resource, mode } of file.claims) {
      if (resource === ALONE) {
        alone ||= mode === 'exclusive'
        continue
      }
      let chain = chains.get(resource)
      if (chain === undefined) {
        chain = { instances: Math.max(1, instances(resource)), whole: 0, tail: 0 }
        chains.set(resource, chain)
      }
      const work = file.estimate / chain.instances / (mode === 'shared' ? Math.max(1, lanes) : 1)
      chain.whole += work
      links.push({ chain, work })
    }
    return { file, alone, links, longest: file.estimate, sum: 0, remaining: 0 }
  })
}

function byId(a: OrderedFile, b: OrderedFile): number {
  return a.id < b.id ? -1 : 1
}
