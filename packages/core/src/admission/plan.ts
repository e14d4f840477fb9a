import type { AdmissionState, WaitingFile } from './state.ts'

/** A new plan is worth its cost when a quarter of the queue is not in the last one. */
export function isPlanDue(state: AdmissionState): boolean {
  return state.unplanned > 0 && state.unplanned * 4 >= state.waiting.size
}

/** Ranks all waiting files anew, and makes every class ready. */
export function plan(state: AdmissionState): void {
  unpark(state)
  let rank = 0
  for (const file of inOrder(state)) {
    file.rank = rank++
    file.claimClass.queue.push(file)
  }
  state.nextRank = rank
  state.unplanned = 0
  for (const claimClass of state.classes.values()) {
    const first = claimClass.queue[0]
    if (first === undefined) {
      state.classes.delete(claimClass.key)
      continue
    }
    claimClass.rank = first.rank
    state.ready.push(claimClass)
  }
}

/** Older waves first, then by the state's order. */
function inOrder(state: AdmissionState): WaitingFile[] {
  const waves = new Map<number, WaitingFile[]>()
  for (const file of state.waiting.values()) {
    const wave = waves.get(file.wave)
    if (wave === undefined) waves.set(file.wave, [file])
    else wave.push(file)
  }
  const options = {
    lanes: state.lanes.capacity,
    instances: (name: string) => state.resources.get(name)?.slots.capacity ?? 1,
  }
  return [...waves].sort(([a], [b]) => a - b).flatMap(([, files]) => state.order(files, options))
}

function unpark(state: AdmissionState): void {
  for (const claimClass of state.classes.values()) {
    claimClass.queue = []
    claimClass.head = 0
    claimClass.wokenFrom = undefined
  }
  state.ready.clear()
  state.machine.parked.clear()
  for (const resource of state.resources.values()) {
    resource.needs.exclusive.parked.clear()
    resource.needs.shared.parked.clear()
    resource.kept = []
  }
}
