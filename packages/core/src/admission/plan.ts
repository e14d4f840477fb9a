import { orderFiles } from '../order.ts'
import type { AdmissionState, ClaimClass, WaitingFile } from './state.ts'

/** A new plan is worth its cost when a quarter of the queue is not in the last one. */
export function isPlanDue(state: AdmissionState): boolean {
  return state.unplanned > 0 && state.unplanned * 4 >= state.waiting.size
}

/** Ranks all waiting files anew: older waves first, then as `orderFiles` has it. */
export function plan(state: AdmissionState): void {
  const order = { lanes: state.lanes.capacity, instances: (name: string) => instancesOf(state, name) }
  const waves = new Map<number, WaitingFile[]>()
  for (const file of state.waiting.values()) {
    const wave = waves.get(file.wave)
    if (wave === undefined) waves.set(file.wave, [file])
    else wave.push(file)
  }
  for (const claimClass of state.classes.values()) {
    claimClass.queue = []
    claimClass.head = 0
  }
  let rank = 0
  for (const [, files] of [...waves].sort(([a], [b]) => a - b))
    for (const file of orderFiles(files, order)) {
      file.rank = rank++
      file.claimClass.queue.push(file)
    }
  state.nextRank = rank
  state.unplanned = 0
  rebuild(state)
}

/** Puts every class at its place again, by its first file's new rank; drops the empty ones. */
function rebuild(state: AdmissionState): void {
  const keep = (claimClass: ClaimClass): boolean => {
    const first = claimClass.queue[0]
    if (first === undefined) state.classes.delete(claimClass.key)
    else claimClass.rank = first.rank
    return first !== undefined
  }
  state.ready.rebuild(keep)
  state.machine.parked.rebuild(keep)
  for (const resource of state.resources.values()) {
    resource.parked.exclusive.rebuild(keep)
    resource.parked.shared.rebuild(keep)
    resource.kept = resource.kept.filter(keep)
  }
}

function instancesOf(state: AdmissionState, name: string): number {
  return state.resources.get(name)?.slots.capacity ?? 1
}
