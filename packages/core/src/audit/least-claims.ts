import { ALONE, SEQUENTIAL, type Claim } from '../claim.ts'
import { fileKey } from '../history.ts'
import { collisions, directoryOf } from './collisions.ts'
import type { Footprint, Use } from './footprint.ts'
import { someUses, whatMeets } from './words.ts'

/** A claim, and why nothing less will do. */
export interface ReasonedClaim extends Claim {
  readonly because: string
}

/** The least that the files of a directory must claim. */
export interface DirectoryClaims {
  /** Empty for the root. */
  readonly directory: string
  readonly files: number
  /** Empty: its files share nothing. */
  readonly claims: readonly ReasonedClaim[]
}

/**
 * The least that each directory must claim, sorted by directory.
 * @param watched the resources whose use was watched: claims of others cannot be judged, and stay
 */
export function leastClaims(
  footprints: readonly Footprint[],
  watched: ReadonlySet<string>,
): readonly DirectoryClaims[] {
  const onMachine = machineCollisions(footprints)
  const directories = new Map<string, Footprint[]>()
  for (const each of footprints)
    directories.set(directoryOf(each), [...(directories.get(directoryOf(each)) ?? []), each])
  return [...directories]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([directory, files]) => {
      const claims = new Map<string, ReasonedClaim>()
      const add = (claim: ReasonedClaim): void => {
        const known = claims.get(claim.resource)
        if (known === undefined || (known.mode === 'shared' && claim.mode === 'exclusive'))
          claims.set(claim.resource, claim)
      }
      for (const resource of resourcesOf(files)) add(claimOf(resource, files))
      for (const file of files) for (const kept of keptClaims(file, watched)) add(kept)
      const because = files.map((file) => onMachine.get(fileKey(file))).find((each) => each !== undefined)
      if (because !== undefined && !claims.has(ALONE))
        add({ resource: SEQUENTIAL, mode: 'exclusive', because })
      return { directory, files: files.length, claims: [...claims.values()] }
    })
}

function resourcesOf(files: readonly Footprint[]): string[] {
  return [...new Set(files.flatMap(({ resources }) => Object.keys(resources)))].sort()
}

function claimOf(resource: string, files: readonly Footprint[]): ReasonedClaim {
  const uses = files.flatMap((file) => file.resources[resource] ?? [])
  const writes = uses.filter(changes)
  const writers = files.filter((file) => (file.resources[resource] ?? []).some(changes)).length
  if (writers === 0) return { resource, mode: 'shared', because: `only reads ${someUses(uses)}` }
  const who = files.length === 1 ? '' : ` (${writers} of ${files.length} files)`
  return { resource, mode: 'exclusive', because: `writes ${someUses(writes)}${who}` }
}

/** Whether others that read the same instance would notice. */
export function changes({ kind, mode }: Use): boolean {
  // A script that a server knows already, nobody misses; who listens on a channel hears what others say there.
  return mode === 'write' || mode === 'all' || kind === 'channel'
}

/** What cannot be seen, and of a file that failed, all that it claims. */
function keptClaims({ claims, outcome }: Footprint, watched: ReadonlySet<string>): ReasonedClaim[] {
  return claims
    .filter(({ resource }) => !resource.includes(' '))
    .filter(({ resource }) => outcome === 'failed' || (!watched.has(resource) && !isTurn(resource)))
    .map((claim) => ({
      ...claim,
      because: outcome === 'failed' ? 'kept, since a file failed' : 'kept, since its use cannot be watched',
    }))
}

function isTurn(resource: string): boolean {
  return resource === SEQUENTIAL || resource === ALONE
}

/** Files that no instance keeps apart, to why. */
function machineCollisions(footprints: readonly Footprint[]): ReadonlyMap<string, string> {
  const alone = footprints.map((each) => ({ ...each, resources: {} }))
  const found = new Map<string, string>()
  for (const { files, on } of collisions(alone))
    for (const [index, file] of files.entries()) {
      const other = files[1 - index]!
      if (!found.has(file)) found.set(file, `${whatMeets(on[0]!)}, as ${other} does`)
    }
  for (const each of footprints) {
    const addresses = each.machine.filter(({ kind }) => kind === 'address')
    if (addresses.length > 0)
      found.set(fileKey(each), `connects to ${someUses(addresses)}, which is no instance's`)
  }
  return found
}
