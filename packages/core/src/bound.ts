import { capacityOf } from './admission/resource.ts'
import { ALONE, SEQUENTIAL } from './claim.ts'
import type { Workload, WorkloadFile } from './workload.ts'

/**
 * No schedule of the workload on so many lanes is shorter, in ms: the greatest of the work over the lanes, each
 * resource's work over its instances, and the longest file; and before or after that, one by one, what runs alone.
 * Of a resource's work, files that share it run beside each other, but no more of them than there are lanes.
 */
export function lowerBound(workload: Workload, lanes: number): number {
  return bound(workload, lanes, (shared) => Math.max(longest(shared), sum(shared) / lanes))
}

/**
 * As `lowerBound`, but what files that share a resource claim besides counts too: they hold it for as long as they
 * need among themselves. Never lower, and often above where resources are shared.
 */
export function tightBound(workload: Workload, lanes: number): number {
  return bound(workload, lanes, (shared, resource) => {
    const files = shared.map((file) => ({
      ...file,
      claims: file.claims.filter((claim) => claim.resource !== resource),
    }))
    return tightBound({ ...workload, files }, lanes)
  })
}

function bound(
  { files, resources }: Workload,
  lanes: number,
  sharedWork: (files: readonly WorkloadFile[], resource: string) => number,
): number {
  const rest = files.filter((file) => !claims(file, ALONE, 'exclusive'))
  const bounds = [sum(rest) / lanes, longest(rest)]
  const names = new Set(rest.flatMap((file) => file.claims.map(({ resource }) => resource)))
  for (const name of names) {
    const declared = resources[name]?.instances ?? (name === SEQUENTIAL ? 1 : 'lanes')
    const shared = rest.filter((file) => claims(file, name, 'shared'))
    const exclusive = rest.filter((file) => claims(file, name, 'exclusive'))
    const work = sum(exclusive) + (shared.length > 0 ? sharedWork(shared, name) : 0)
    bounds.push(work / capacityOf(declared, lanes, undefined))
  }
  return sum(files.filter((file) => claims(file, ALONE, 'exclusive'))) + Math.max(...bounds)
}

function claims(file: WorkloadFile, name: string, wanted: 'exclusive' | 'shared'): boolean {
  return file.claims.some(({ resource, mode }) => resource === name && mode === wanted)
}

function sum(files: readonly WorkloadFile[]): number {
  return files.reduce((total, { duration }) => total + duration, 0)
}

function longest(files: readonly WorkloadFile[]): number {
  return files.reduce((most, { duration }) => Math.max(most, duration), 0)
}
