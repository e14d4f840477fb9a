import type { Instances, Mode } from '../claim.ts'
import { Heap } from '../heap.ts'
import { Slots } from '../slots.ts'
import type { ClaimClass } from './state.ts'

/**
 * One copy of a resource while it is held.
 *
 * exclusive: one holder. shared: any number. A shared instance can be joined until all of its holders have
 * finished; from then on its last holder may be cleaning it, and newcomers take another one.
 */
export interface Instance {
  readonly number: number
  readonly mode: Mode
  /** Files whose hold is not over. */
  readonly holders: Set<string>
  /** How many of them have not finished. */
  active: number
}

/** A resource as admission sees it. */
export interface Resource {
  readonly name: string
  readonly declared: Instances
  /** What the provider has room for, once it has said so. */
  room: number | undefined
  readonly slots: Slots
  readonly held: Set<Instance>
  /** The shared instance that can be joined. */
  joinable: Instance | undefined
  /** Claim classes that wait for an instance, by how they want it. */
  readonly parked: Readonly<Record<Mode, Heap<ClaimClass>>>
  /** Claim classes that could take an instance, if it were not kept for a file that has waited too long. */
  kept: ClaimClass[]
}

export function createResource(name: string, declared: Instances, lanes: number): Resource {
  return {
    name,
    declared,
    room: undefined,
    slots: new Slots(capacityOf(declared, lanes, undefined)),
    held: new Set(),
    joinable: undefined,
    parked: { exclusive: new Heap(), shared: new Heap() },
    kept: [],
  }
}

/**
 * `'lanes'` means two for each lane: a file's lane is free when it finishes, its instance only when its process has
 * exited and the instance is clean. The spare hides that, and is opened only if it is needed.
 */
export function capacityOf(declared: Instances, lanes: number, room: number | undefined): number {
  if (declared === 'lanes') return Math.min(2 * lanes, room ?? Number.POSITIVE_INFINITY)
  return room ?? declared
}

export function canTake(resource: Resource, mode: Mode): boolean {
  return resource.slots.free > 0 || (mode === 'shared' && resource.joinable !== undefined)
}

export function take(resource: Resource, mode: Mode, id: string): Instance {
  if (mode === 'shared' && resource.joinable !== undefined) {
    resource.joinable.holders.add(id)
    resource.joinable.active++
    return resource.joinable
  }
  const instance: Instance = { number: resource.slots.take(), mode, holders: new Set([id]), active: 1 }
  resource.held.add(instance)
  if (mode === 'shared') resource.joinable = instance
  return instance
}

/** A holder has finished; it still holds the instance. */
export function finish(resource: Resource, instance: Instance): void {
  instance.active--
  if (instance.active === 0 && resource.joinable === instance) resource.joinable = undefined
}

/** Ends a hold. True if the instance is free now. */
export function release(resource: Resource, instance: Instance, id: string): boolean {
  instance.holders.delete(id)
  if (instance.holders.size > 0) return false
  if (resource.joinable === instance) resource.joinable = undefined
  resource.held.delete(instance)
  resource.slots.release(instance.number)
  return true
}
