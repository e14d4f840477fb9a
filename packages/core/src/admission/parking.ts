import { canTake, type Need, type Resource } from './resource.ts'
import type { AdmissionState, ClaimClass } from './state.ts'

/*
 * A class that cannot run is parked with one thing that blocks it, and looked at again only when that is free.
 * Then only the best class that is parked there becomes ready: the next one is woken when that one was granted
 * or parked elsewhere, as long as there is something left to take. So a file is seldom looked at in vain.
 */

/** Call when what is needed may have become free. */
export function wake(state: AdmissionState, need: Need): void {
  if (!canTake(need)) return
  const claimClass = need.parked.pop()
  if (claimClass === undefined) return
  claimClass.wokenFrom = need
  state.ready.push(claimClass)
}

/** Call when an instance has become free. */
export function wakeAll(state: AdmissionState, resource: Resource): void {
  wake(state, resource.needs.exclusive)
  wake(state, resource.needs.shared)
  releaseKept(state, resource)
}

/** Makes the classes ready that were kept from a resource for the favoured file. */
export function releaseKept(state: AdmissionState, resource: Resource): void {
  for (const claimClass of resource.kept) state.ready.push(claimClass)
  resource.kept = []
}

/** Call when the machine has become empty. */
export function wakeAlone(state: AdmissionState): void {
  if (state.machine.holders > 0) return
  const claimClass = state.machine.parked.pop()
  if (claimClass === undefined) return
  claimClass.wokenFrom = 'machine'
  state.ready.push(claimClass)
}

/** Call when a ready class was granted, parked or dropped: wakes the next one where it came from. */
export function settle(state: AdmissionState, claimClass: ClaimClass): void {
  const from = claimClass.wokenFrom
  if (from === undefined) return
  claimClass.wokenFrom = undefined
  if (from === 'machine') wakeAlone(state)
  else wake(state, from)
}
