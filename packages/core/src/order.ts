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
  instances(resource: string): number
}

/**
 * The order in which to start files, if nothing else stood in their way: those that failed last time, those that
 * run alone, then the one on the longest remaining chain. The chain of a resource is the work that waits for it over
 * its instances; a file that claims nothing is a chain by itself. Ties are broken by id.
 */
export function orderFiles<T extends OrderedFile>(files: readonly T[], options: OrderOptions): T[] {
  const remaining = remainingChains(files, options)
  const priority = (file: T): number => remaining.get(file) ?? file.estimate
  return files
    .map((file) => ({ file, alone: claimsAlone(file), priority: priority(file) }))
    .sort(
      (a, b) =>
        Number(b.file.failedLast ?? false) - Number(a.file.failedLast ?? false) ||
        Number(b.alone) - Number(a.alone) ||
        b.priority - a.priority ||
        b.file.estimate - a.file.estimate ||
        (a.file.id < b.file.id ? -1 : 1),
    )
    .map(({ file }) => file)
}

/**
 * For each file the longest chain that has still to run when the file starts, in ms: of its resources' work, what
 * comes after it and itself. Within a resource, files that claim other long chains too come first.
 */
function remainingChains<T extends OrderedFile>(files: readonly T[], options: OrderOptions): Map<T, number> {
  const whole = new Map<string, number>()
  const share = (resource: string, mode: Mode): number =>
    1 / Math.max(1, options.instances(resource)) / (mode === 'shared' ? Math.max(1, options.lanes) : 1)
  for (const { claims, estimate } of files)
    for (const { resource, mode } of claims)
      whole.set(resource, (whole.get(resource) ?? 0) + estimate * share(resource, mode))

  const keyed = files.map((file) => {
    let longest = file.estimate
    let sum = 0
    for (const { resource } of file.claims) {
      const chain = whole.get(resource) ?? 0
      longest = Math.max(longest, chain)
      sum += chain
    }
    return { file, longest, sum }
  })
  keyed.sort(
    (a, b) =>
      a.longest - b.longest ||
      a.sum - b.sum ||
      a.file.estimate - b.file.estimate ||
      (a.file.id < b.file.id ? 1 : -1),
  )

  const tails = new Map<string, number>()
  const remaining = new Map<T, number>()
  for (const { file } of keyed) {
    let longest = file.estimate
    for (const { resource, mode } of file.claims) {
      const tail = (tails.get(resource) ?? 0) + file.estimate * share(resource, mode)
      tails.set(resource, tail)
      longest = Math.max(longest, tail)
    }
    remaining.set(file, longest)
  }
  return remaining
}

function claimsAlone({ claims }: OrderedFile): boolean {
  return claims.some(({ resource, mode }) => resource === ALONE && mode === 'exclusive')
}
