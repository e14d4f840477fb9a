import type { Resource } from './resource.ts'
import type { AdmissionState, ClaimClass, WaitingFile } from './state.ts'

/*
 * A file's lane is free when it finishes, its instances a little later, when they are clean. If the lane went to
 * another file at once, the next file of a scarce resource would wait for that file to end, and the resource stand
 * idle, again and again. So a bottleneck keeps a lane while it is cleaned. A bottleneck is a resource whose waiting
 * work over its instances is more than all waiting work over the lanes: it decides when the run ends, and the lanes
 * have time to spare. On one lane there is none.
 */

/** How many lanes are kept free for bottlenecks that are being cleaned. */
export function keptLanes(state: AdmissionState): number {
  let kept = 0
  for (const resource of state.cleaning)
    if (resource.slots.free === 0 && isBottleneck(state, resource)) kept += resource.cleaning
  return kept
}

/** What claims a bottleneck may take a kept lane. */
export function claimsBottleneck(state: AdmissionState, { needs }: ClaimClass): boolean {
  return needs.some(({ resource }) => isBottleneck(state, resource))
}

function isBottleneck({ lanes, work }: AdmissionState, resource: Resource): boolean {
  const { exclusive, shared } = resource.work
  return (exclusive + shared / lanes.capacity) / resource.slots.capacity > work.waiting / lanes.capacity
}

/** Adds a file's estimate to the waiting work, or takes it away with a `sign` of -1. */
export function countWork(state: AdmissionState, file: WaitingFile, sign: 1 | -1): void {
  state.work.waiting += sign * file.estimate
  for (const { resource, mode } of file.claimClass.needs) resource.work[mode] += sign * file.estimate
}
