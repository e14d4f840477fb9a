import type { Mode } from '../claim.ts'
import { releaseKept } from './parking.ts'
import { canTake, type Need, type Resource } from './resource.ts'
import type { AdmissionState, ClaimClass, WaitingFile } from './state.ts'

/**
 * Files are counted in waves. A wave lasts for `patience` grants and then for as many more as files were waiting at
 * that moment. Files of an older wave go before those of a newer one. A file that still waits when the wave after its
 * own has ended is overdue; the first overdue file is *favoured*: see `keptFrom`.
 */
export interface Fairness {
  readonly patience: number
  wave: number
  /** Grants since the wave began. */
  grants: number
  /** At how many grants it ends; undefined until `patience` of them were given. */
  end: number | undefined
  /** In order; may hold files that do not wait any more. */
  overdue: WaitingFile[]
  favoured: WaitingFile | undefined
}

export function createFairness(patience: number): Fairness {
  return { patience, wave: 0, grants: 0, end: undefined, overdue: [], favoured: undefined }
}

/** Counts one grant. */
export function countGrant(state: AdmissionState): void {
  const { fairness } = state
  fairness.grants++
  if (fairness.end === undefined && fairness.grants >= fairness.patience)
    fairness.end = fairness.grants + state.waiting.size
  if (fairness.end === undefined || fairness.grants < fairness.end) return
  fairness.wave++
  fairness.grants = 0
  fairness.end = undefined
  const late: WaitingFile[] = []
  for (const file of state.waiting.values()) if (file.wave === fairness.wave - 2) late.push(file)
  late.sort((a, b) => a.rank - b.rank)
  fairness.overdue.push(...late)
}

/**
 * The file that nothing may hold up any longer. It stays favoured until it is granted or withdrawn, or until it
 * claims what has no instance at all.
 */
export function favouredFile(state: AdmissionState): WaitingFile | undefined {
  const { fairness } = state
  if (fairness.favoured !== undefined) return fairness.favoured
  if (fairness.overdue.length === 0) return undefined
  fairness.overdue = fairness.overdue.filter(({ waits }) => waits)
  fairness.favoured = fairness.overdue.find(({ claimClass }) => isPossible(claimClass))
  return fairness.favoured
}

/** The favoured file was granted or withdrawn: what was kept for it is free for all. */
export function releaseFavoured(state: AdmissionState): void {
  const { favoured } = state.fairness
  state.fairness.favoured = undefined
  for (const { resource } of favoured?.claimClass.needs ?? []) releaseKept(state, resource)
}

/** Call when a resource has lost instances: what can not be granted at all is not favoured. */
export function releaseImpossible(state: AdmissionState): void {
  const { favoured } = state.fairness
  if (favoured !== undefined && !isPossible(favoured.claimClass)) releaseFavoured(state)
}

function isPossible({ needs }: ClaimClass): boolean {
  return needs.every(({ resource }) => resource.slots.capacity > 0)
}

/**
 * The claim on which a class has to let the favoured file go first: the favoured file claims the resource too, not
 * both share it, and no instance would be left free for it. Undefined if there is none.
 */
export function keptFrom(claimClass: ClaimClass, favoured: WaitingFile): Resource | undefined {
  for (const { resource, mode } of claimClass.needs) {
    const wanted = modeOf(favoured, resource)
    if (wanted === undefined || (wanted === 'shared' && mode === 'shared')) continue
    const takes = mode === 'shared' && resource.joinable !== undefined ? 0 : 1
    if (resource.slots.free - takes < 1) return resource
  }
  return undefined
}

function modeOf(file: WaitingFile, resource: Resource): Mode | undefined {
  return file.claimClass.needs.find((need) => need.resource === resource)?.mode
}

/**
 * A claim that cannot be granted now; undefined if all can. Of several the one that most wait for: it is free least
 * often, so the class is looked at in vain least often.
 */
export function blockedClaim({ needs }: ClaimClass): Need | undefined {
  let blocked: Need | undefined
  let most = -1
  for (const need of needs) {
    if (canTake(need)) continue
    const { exclusive, shared } = need.resource.needs
    const crowd = exclusive.parked.size + shared.parked.size
    if (crowd > most) {
      blocked = need
      most = crowd
    }
  }
  return blocked
}
