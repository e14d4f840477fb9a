import { ALONE, type Mode } from '../claim.ts'
import { claimsBottleneck, countWork, keptLanes } from './bottleneck.ts'
import { blockedClaim, countGrant, favouredFile, keptFrom, releaseFavoured } from './fairness.ts'
import { settle, wake } from './parking.ts'
import { isPlanDue, plan } from './plan.ts'
import { take, type Instance } from './resource.ts'
import type { AdmissionState, ClaimClass, WaitingFile } from './state.ts'
import type { Lease } from './types.ts'

/** Grants what can be granted now, best rank first. */
export function dispatch(state: AdmissionState): Lease[] {
  const leases: Lease[] = []
  while (state.lanes.free > 0 && !state.machine.alone) {
    const favoured = favouredFile(state)
    if (favoured !== undefined && canRun(state, favoured.claimClass)) {
      leases.push(grant(state, favoured))
      continue
    }
    if (favoured?.alone) break
    if (state.ready.size > 0 && isPlanDue(state)) plan(state)
    const claimClass = state.ready.pop()
    if (claimClass === undefined) break
    if (state.lanes.free <= keptLanes(state) && !claimsBottleneck(state, claimClass)) {
      state.ready.push(claimClass)
      break
    }
    const lease = consider(state, claimClass, favoured)
    if (lease !== undefined) leases.push(lease)
    settle(state, claimClass)
  }
  return leases
}

/** Finds the place of a class that was ready: grants its first file and leaves it ready, or parks it, or drops it. */
function consider(
  state: AdmissionState,
  claimClass: ClaimClass,
  favoured: WaitingFile | undefined,
): Lease | undefined {
  const file = firstOf(claimClass)
  if (file === undefined) {
    state.classes.delete(claimClass.key)
    return undefined
  }
  if (file.rank !== claimClass.rank) {
    makeReady(state, claimClass)
    return undefined
  }
  if (claimClass.alone && state.machine.holders > 0) {
    state.machine.parked.push(claimClass)
    return undefined
  }
  const blocked = blockedClaim(claimClass)
  if (blocked !== undefined) {
    blocked.parked.push(claimClass)
    return undefined
  }
  const kept = favoured && keptFrom(claimClass, favoured)
  if (kept !== undefined) {
    kept.kept.push(claimClass)
    return undefined
  }
  const lease = grant(state, file)
  makeReady(state, claimClass)
  return lease
}

/** The first file of the class that still waits. */
function firstOf(claimClass: ClaimClass): WaitingFile | undefined {
  for (;;) {
    const file = claimClass.queue[claimClass.head]
    if (file === undefined || file.waits) return file
    claimClass.head++
  }
}

function makeReady(state: AdmissionState, claimClass: ClaimClass): void {
  const file = firstOf(claimClass)
  if (file === undefined) {
    state.classes.delete(claimClass.key)
    return
  }
  claimClass.rank = file.rank
  state.ready.push(claimClass)
}

function canRun(state: AdmissionState, claimClass: ClaimClass): boolean {
  return !(claimClass.alone && state.machine.holders > 0) && blockedClaim(claimClass) === undefined
}

function grant(state: AdmissionState, file: WaitingFile): Lease {
  const { id, alone } = file
  const { needs } = file.claimClass
  const lane = state.lanes.take()
  const instances: Record<string, number> = { [ALONE]: 1 }
  const held: Instance[] = []
  file.waits = false
  state.waiting.delete(id)
  countWork(state, file, -1)
  state.machine.holders++
  if (alone) state.machine.alone = true
  for (const need of needs) {
    const { resource, mode } = need
    const joined = resource.joinable
    const instance = take(need)
    held.push(instance)
    instances[resource.name] = instance.number
    if (mode === 'shared' && instance !== joined) wake(state, need)
  }
  state.running.set(id, { id, lane, alone, holdsMachine: true, needs, held, open: needs.length })
  if (state.fairness.favoured === file) releaseFavoured(state)
  countGrant(state)
  return { id, lane, instances, modes: modesOf(file.claimClass) }
}

/** The same for all files of the class. */
function modesOf(claimClass: ClaimClass): Readonly<Record<string, Mode>> {
  if (claimClass.modes !== undefined) return claimClass.modes
  const modes: Record<string, Mode> = { [ALONE]: claimClass.alone ? 'exclusive' : 'shared' }
  for (const { resource, mode } of claimClass.needs) modes[resource.name] = mode
  claimClass.modes = modes
  return modes
}
