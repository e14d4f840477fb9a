import { capacityOf } from './admission/resource.ts'
import { ALONE, SEQUENTIAL } from './claim.ts'
import type { Workload, WorkloadFile } from './workload.ts'

/**
 * No schedule of the workload on so many lanes is shorter, in ms: the greatest of the work over the lanes, each
 * resource's work over its instances, and the longest file; and before or after that, one by one, what runs alone.
 */
export function lowerBound({ files, resources }: Workload, lanes: number): number {
  const rest = files.filter((file) => !runsAlone(file))
  const perResource = new Map<string, WorkloadFile[]>()
  for (const file of rest)
    for (const { resource } of file.claims) {
      const claimants = perResource.get(resource)
      if (claimants === undefined) perResource.set(resource, [file])
      else claimants.push(file)
    }
  const bounds = [sum(rest) / lanes, longest(rest)]
  for (const [name, claimants] of perResource) {
    const declared = resources[name]?.instances ?? (name === SEQUENTIAL ? 1 : 'lanes')
    bounds.push(resourceWork(name, claimants, lanes) / capacityOf(declared, lanes, undefined))
  }
  return sum(files.filter(runsAlone)) + Math.max(...bounds)
}

/**
 * How long one instance is held by all of a resource's claimants at least. Those that share it run beside each
 * other, but no more of them than there are lanes.
 */
function resourceWork(name: string, claimants: readonly WorkloadFile[], lanes: number): number {
  const isShared = ({ claims }: WorkloadFile): boolean =>
    claims.some(({ resource, mode }) => resource === name && mode === 'shared')
  const shared = claimants.filter(isShared)
  const exclusive = claimants.filter((file) => !isShared(file))
  return sum(exclusive) + Math.max(longest(shared), sum(shared) / lanes)
}

function runsAlone({ claims }: WorkloadFile): boolean {
  return claims.some(({ resource, mode }) => resource === ALONE && mode === 'exclusive')
}

function sum(files: readonly WorkloadFile[]): number {
  return files.reduce((total, { duration }) => total + duration, 0)
}

function longest(files: readonly WorkloadFile[]): number {
  return files.reduce((most, { duration }) => Math.max(most, duration), 0)
}
