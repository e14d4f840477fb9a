import { ALONE } from '../claim.ts'
import { keptLanes } from './bottleneck.ts'
import { blockedClaim, keptFrom } from './fairness.ts'
import type { Resource } from './resource.ts'
import type { AdmissionState, RunningFile } from './state.ts'

/** What holds a waiting file up now. */
export interface WaitsFor {
  /** A resource's name, or `lane`. */
  readonly what: string
  /** Ids of the files that hold it; where `kept`, of the file that it is kept for or whose end it is kept for. */
  readonly holders: readonly string[]
  /** It is free, but kept: for a file that has waited too long, or a lane for a bottleneck that is being cleaned. */
  readonly kept: boolean
}

/** Ids of the files that wait for a lease, in order of arrival. */
export function waiting(state: AdmissionState): readonly string[] {
  return [...state.waiting.keys()]
}

/** Ids of the files that have a lease and still hold something of it, in order of their grants. */
export function running(state: AdmissionState): readonly string[] {
  return [...state.running.keys()]
}

/** What a waiting file waits for now; undefined if it does not wait. */
export function whatWaitsFor(state: AdmissionState, id: string): WaitsFor | undefined {
  const file = state.waiting.get(id)
  if (file === undefined) return undefined
  const { claimClass } = file
  if (state.machine.alone || (claimClass.alone && state.machine.holders > 0))
    return { what: ALONE, holders: holdersOf(state, ({ holdsMachine }) => holdsMachine), kept: false }
  const blocked = blockedClaim(claimClass)
  if (blocked !== undefined)
    return {
      what: blocked.resource.name,
      holders: holdersOf(state, (file) => holds(file, blocked.resource)),
      kept: false,
    }
  const { favoured } = state.fairness
  if (favoured !== undefined && favoured !== file) {
    const kept = favoured.alone ? ALONE : keptFrom(claimClass, favoured)?.name
    if (kept !== undefined) return { what: kept, holders: [favoured.id], kept: true }
  }
  if (state.lanes.free > 0 && keptLanes(state) > 0)
    return { what: 'lane', holders: holdersOf(state, (file) => isCleaned(state, file)), kept: true }
  return { what: 'lane', holders: holdersOf(state, ({ lane }) => lane !== undefined), kept: false }
}

function holdersOf(state: AdmissionState, isHolder: (file: RunningFile) => boolean): string[] {
  return [...state.running.values()].filter(isHolder).map(({ id }) => id)
}

function isCleaned(state: AdmissionState, file: RunningFile): boolean {
  return file.lane === undefined && [...state.cleaning].some((resource) => holds(file, resource))
}

function holds({ needs, held }: RunningFile, resource: Resource): boolean {
  return needs.some((need, index) => need.resource === resource && held[index] !== undefined)
}
