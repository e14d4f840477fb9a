import { ALONE, lowerBound } from '@vitest-lanes/core'
import type { Workload, WorkloadFile } from '@vitest-lanes/core'

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

// Sums of tenths in another order differ in the last bits.
const EQUAL = 1e-6

/** Core's lower bound of a workload, with what it comes from. */
export function boundOf(workload: Workload, lanes: number): Bound {
  const ms = lowerBound(workload, lanes)
  const alone = workload.files.filter(runsAlone)
  const rest = workload.files.filter((file) => !runsAlone(file))
  const aloneWork = workOf(alone)
  const others = ms - aloneWork
  if (alone.length > 0 && aloneWork >= others)
    return { by: 'alone', ms, files: alone.length, work: aloneWork }

  const longest = rest.reduce<WorkloadFile | undefined>(
    (most, file) => (most === undefined || file.duration > most.duration ? file : most),
    undefined,
  )
  if (longest !== undefined && longest.duration >= others - EQUAL)
    return { by: 'file', ms, file: longest.id, work: longest.duration }
  const work = workOf(rest)
  if (work / lanes >= others - EQUAL) return { by: 'lanes', ms, lanes, work }
  return { ...narrowest(rest, workload, lanes), by: 'resource', ms }
}

/** What a resource's claimants need of it, in ms. */
interface Load {
  files: number
  exclusive: number
  shared: number
  longestShared: number
}

/** The resource whose claimants, by themselves, take longest: as core's bound counts them, in one go over the files. */
function narrowest(
  files: readonly WorkloadFile[],
  { resources }: Workload,
  lanes: number,
): { resource: string; instances: number | undefined; files: number; work: number } {
  const loads = new Map<string, Load>()
  for (const { claims, duration } of files)
    for (const { resource, mode } of claims) {
      const load = loads.get(resource) ?? { files: 0, exclusive: 0, shared: 0, longestShared: 0 }
      loads.set(resource, load)
      load.files++
      if (mode === 'exclusive') load.exclusive += duration
      else {
        load.shared += duration
        load.longestShared = Math.max(load.longestShared, duration)
      }
    }
  let most = { resource: '', bound: -1 }
  for (const [resource, { exclusive, shared, longestShared }] of loads) {
    const instances = resources[resource]?.instances ?? 1
    const room = instances === 'lanes' ? 2 * lanes : instances
    const bound = (exclusive + Math.max(longestShared, shared / lanes)) / room
    if (bound > most.bound) most = { resource, bound }
  }
  const load = loads.get(most.resource)
  const declared = resources[most.resource]?.instances ?? 1
  return {
    resource: most.resource,
    instances: declared === 'lanes' ? undefined : declared,
    files: load?.files ?? 0,
    work: (load?.exclusive ?? 0) + (load?.shared ?? 0),
  }
}

function runsAlone({ claims }: WorkloadFile): boolean {
  return claims.some(({ resource, mode }) => resource === ALONE && mode === 'exclusive')
}

function workOf(files: readonly WorkloadFile[]): number {
  return files.reduce((sum, { duration }) => sum + duration, 0)
}
