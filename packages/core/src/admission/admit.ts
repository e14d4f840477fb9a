import { ALONE } from '../claim.ts'
import { dispatch } from './dispatch.ts'
import { enqueue, withdraw } from './queue.ts'
import { releaseImpossible } from './fairness.ts'
import { wakeAll, wakeAlone } from './parking.ts'
import { capacityOf, finish, release } from './resource.ts'
import type { AdmissionState, RunningFile } from './state.ts'
import type { AdmissionEvent, Lease } from './types.ts'

/**
 * Tells the admission what happened; returns the files that may start now, best first. Tell events that come together
 * together: then nothing is granted between them. Pure in its outcome: the same
 * events give the same leases. For speed it changes the state that it is given and returns that same one: do not
 * use an older state again.
 *
 * @throws LanesError LANES_FILE_TWICE, LANES_RESOURCE_UNKNOWN, LANES_CLAIM_BOTH_MODES for a bad `enqueue`: none of its
 * files is then enqueued.
 */
export function admit(
  state: AdmissionState,
  ...events: readonly AdmissionEvent[]
): readonly [AdmissionState, readonly Lease[]] {
  for (const event of events) apply(state, event)
  return [state, dispatch(state)]
}

function apply(state: AdmissionState, event: AdmissionEvent): void {
  switch (event.type) {
    case 'enqueue':
      return enqueue(state, event.files)
    case 'withdraw':
      return withdraw(state, event.id)
    case 'finished':
      return finished(state, event.id)
    case 'cleaned':
      return cleaned(state, event.id, event.resource)
    case 'lanes':
      state.lanes.capacity = event.count
      for (const name of state.resources.keys()) resize(state, name)
      return
    case 'instances': {
      const resource = state.resources.get(event.resource)
      if (resource === undefined) return
      resource.room = event.count
      return resize(state, event.resource)
    }
    default:
      event satisfies never
  }
}

function finished(state: AdmissionState, id: string): void {
  const file = state.running.get(id)
  if (file?.lane === undefined) return
  state.lanes.release(file.lane)
  file.lane = undefined
  for (let index = 0; index < file.needs.length; index++) {
    const resource = file.needs[index]?.resource
    const instance = file.held[index]
    if (resource === undefined || instance === undefined) continue
    finish(resource, instance)
    if (resource.cleaning > 0) state.cleaning.add(resource)
  }
  forgetIfOver(state, file)
}

function cleaned(state: AdmissionState, id: string, name: string): void {
  const file = state.running.get(id)
  if (file === undefined) return
  if (name === ALONE && file.holdsMachine) {
    file.holdsMachine = false
    state.machine.holders--
    if (file.alone) state.machine.alone = false
    wakeAlone(state)
  }
  let index = 0
  while (index < file.needs.length && file.needs[index]?.resource.name !== name) index++
  const instance = file.held[index]
  const resource = file.needs[index]?.resource
  if (resource !== undefined && instance !== undefined) {
    if (file.lane !== undefined) finish(resource, instance)
    file.held[index] = undefined
    file.open--
    if (release(resource, instance)) wakeAll(state, resource)
    if (resource.cleaning === 0) state.cleaning.delete(resource)
  }
  forgetIfOver(state, file)
}

function forgetIfOver(state: AdmissionState, file: RunningFile): void {
  if (file.lane === undefined && !file.holdsMachine && file.open === 0) state.running.delete(file.id)
}

function resize(state: AdmissionState, name: string): void {
  const resource = state.resources.get(name)
  if (resource === undefined) return
  const before = resource.slots.capacity
  resource.slots.capacity = capacityOf(resource.declared, state.lanes.capacity, resource.room)
  if (resource.slots.capacity > before) wakeAll(state, resource)
  else releaseImpossible(state)
}
