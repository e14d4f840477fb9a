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
  /** How many files' holds are not over. */
  holders: number
  /** How many of these files have not finished. */
  active: number
}

/** A way to claim a resource, and the claim classes that wait for it. */
export interface Need {
  readonly resource: Resource
  readonly mode: Mode
  readonly parked: Heap<ClaimClass>
}

/** A resource as admission sees it. */
export class Resource {
  /** Its place among the resources. */
  readonly index: number
  readonly name: string
  readonly declared: Instances
  /** What the provider has room for, once it has said so. */
  room: number | undefined
  readonly slots: Slots
  readonly needs: Readonly<Record<Mode, Need>> = {
    exclusive: { resource: this, mode: 'exclusive', parked: new Heap() },
    shared: { resource: this, mode: 'shared', parked: new Heap() },
  }
  /** The shared instance that can be joined. */
  joinable: Instance | undefined
  /** Claim classes that could take an instance, if it were not kept for a file that has waited too long. */
  kept: ClaimClass[] = []
  /** How many instances are held by none but files that have finished. */
  cleaning = 0
  /** The estimates of the waiting files that claim it, in ms. */
  readonly work: Record<Mode, number> = { exclusive: 0, shared: 0 }

  constructor(index: number, name: string, declared: Instances, lanes: number) {
    this.index = index
    this.name = name
    this.declared = declared
    this.slots = new Slots(capacityOf(declared, lanes, undefined))
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

export function canTake({ resource, mode }: Need): boolean {
  return resource.slots.free > 0 || (mode === 'shared' && resource.joinable !== undefined)
}

export function take({ resource, mode }: Need): Instance {
  if (mode === 'shared' && resource.joinable !== undefined) {
    resource.joinable.holders++
    resource.joinable.active++
    return resource.joinable
  }
  const instance: Instance = { number: resource.slots.take(), mode, holders: 1, active: 1 }
  if (mode === 'shared') resource.joinable = instance
  return instance
}

/** A holder has finished; it still holds the instance. */
export function finish(resource: Resource, instance: Instance): void {
  instance.active--
  if (instance.active > 0) return
  resource.cleaning++
  if (resource.joinable === instance) resource.joinable = undefined
}

/** Ends a hold. True if the instance is free now. */
export function release(resource: Resource, instance: Instance): boolean {
  instance.holders--
  if (instance.holders > 0) return false
  resource.cleaning--
  resource.slots.release(instance.number)
  return true
}
