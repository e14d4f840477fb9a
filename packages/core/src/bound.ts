import { capacityOf } from './admission/resource.ts'
import { ALONE, SEQUENTIAL } from './claim.ts'
import type { Workload, WorkloadFile } from './workload.ts'

/** What no order of the files can beat, and why. Times in ms. */
export type Bound =
  | { readonly by: 'file'; readonly ms: number; readonly file: string; readonly work: number }
  | {
      readonly by: 'resource'
      readonly ms: number
      readonly resource: string
      /** Undefined where their number follows the lanes. */
      readonly instances: number | undefined
      readonly files: number
      readonly work: number
    }
  | { readonly by: 'lanes'; readonly ms: number; readonly lanes: number; readonly work: number }
  | { readonly by: 'alone'; readonly ms: number; readonly files: number; readonly work: number }

/** What the files that claim a resource need of it. */
interface Load {
  readonly shared: WorkloadFile[]
  files: number
  exclusive: number
}

type SharedWork = (files: readonly WorkloadFile[], resource: string) => number

// Sums of tenths in another order differ in the last bits.
const EQUAL = 1e-6

/**
 * No schedule of the workload on so many lanes is shorter, in ms: the greatest of the work over the lanes, each
 * resource's work over its instances, and the longest file; and before or after that, one by one, what runs alone.
 * Of a resource's work, files that share it run beside each other, but no more of them than there are lanes.
 */
export function lowerBound(workload: Workload, lanes: number): number {
  return boundOf(workload, lanes).ms
}

/** The lower bound, with what it comes from: of several that are equal the file, then the lanes, then a resource. */
export function boundOf(workload: Workload, lanes: number): Bound {
  return bound(workload, lanes, (shared) => Math.max(longest(shared)?.duration ?? 0, sum(shared) / lanes))
}

/**
 * As `lowerBound`, but what files that share a resource claim besides counts too: they hold it for as long as they
 * need among themselves. Never lower, and often above where resources are shared.
 */
export function tightBound(workload: Workload, lanes: number): number {
  const sharedWork: SharedWork = (shared, resource) => {
    const files = shared.map((file) => ({
      ...file,
      claims: file.claims.filter((claim) => claim.resource !== resource),
    }))
    return tightBound({ ...workload, files }, lanes)
  }
  return bound(workload, lanes, sharedWork).ms
}

function bound({ files, resources }: Workload, lanes: number, sharedWork: SharedWork): Bound {
  const alone = files.filter(runsAlone)
  const aloneWork = sum(alone)
  const rest = alone.length === 0 ? files : files.filter((file) => !runsAlone(file))
  const work = sum(rest)
  const most = longest(rest)
  const candidates: Bound[] = []
  if (most !== undefined)
    candidates.push({ by: 'file', ms: most.duration, file: most.id, work: most.duration })
  candidates.push({ by: 'lanes', ms: work / lanes, lanes, work })
  for (const [resource, { files: count, exclusive, shared }] of loadsOf(rest)) {
    const declared = resources[resource]?.instances ?? (resource === SEQUENTIAL ? 1 : 'lanes')
    const needed = exclusive + (shared.length > 0 ? sharedWork(shared, resource) : 0)
    candidates.push({
      by: 'resource',
      ms: needed / capacityOf(declared, lanes, undefined),
      resource,
      instances: declared === 'lanes' ? undefined : declared,
      files: count,
      work: exclusive + sum(shared),
    })
  }
  const others = candidates.reduce((greatest, { ms }) => Math.max(greatest, ms), 0)
  const ms = aloneWork + others
  if (alone.length > 0 && aloneWork >= others)
    return { by: 'alone', ms, files: alone.length, work: aloneWork }
  return { ...candidates.find((candidate) => candidate.ms >= others - EQUAL)!, ms }
}

function loadsOf(files: readonly WorkloadFile[]): ReadonlyMap<string, Load> {
  const loads = new Map<string, Load>()
  for (const file of files)
    for (const { resource, mode } of file.claims) {
      let load = loads.get(resource)
      if (load === undefined) loads.set(resource, (load = { shared: [], files: 0, exclusive: 0 }))
      load.files++
      if (mode === 'shared') load.shared.push(file)
      else load.exclusive += file.duration
    }
  return loads
}

function runsAlone({ claims }: WorkloadFile): boolean {
  return claims.some(({ resource, mode }) => resource === ALONE && mode === 'exclusive')
}

function sum(files: readonly WorkloadFile[]): number {
  return files.reduce((total, { duration }) => total + duration, 0)
}

function longest(files: readonly WorkloadFile[]): WorkloadFile | undefined {
  return files.reduce<WorkloadFile | undefined>(
    (most, file) => (most === undefined || file.duration > most.duration ? file : most),
    undefined,
  )
}
