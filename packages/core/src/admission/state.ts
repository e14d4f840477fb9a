import { ALONE, SEQUENTIAL, type Claim } from '../claim.ts'
import { Heap, type Ranked } from '../heap.ts'
import type { OrderedFile, OrderOptions } from '../order.ts'
import { Slots } from '../slots.ts'
import { createFairness, type Fairness } from './fairness.ts'
import { Resource, type Instance, type Need } from './resource.ts'
import type { AdmissionOptions, Lease } from './types.ts'

/** In which order to grant files, if nothing else stood in their way. */
export type Order = <T extends OrderedFile>(files: readonly T[], options: OrderOptions) => readonly T[]

/** A file that waits for its lease. */
export interface WaitingFile extends Ranked {
  readonly id: string
  readonly claims: readonly Claim[]
  readonly alone: boolean
  readonly estimate: number
  readonly failedLast: boolean
  readonly wave: number
  readonly claimClass: ClaimClass
  /** False once it was granted or withdrawn. */
  waits: boolean
}

/**
 * The waiting files of one and the same claims, best rank first: what holds for one of them holds for all.
 * A class with files in it is in exactly one place: ready, parked with a resource or with `alone`, or kept back.
 */
export interface ClaimClass extends Ranked {
  readonly key: string
  readonly needs: readonly Need[]
  readonly alone: boolean
  /** What its leases say; made with the first. */
  modes: Lease['modes'] | undefined
  queue: WaitingFile[]
  /** Files before it in the queue are gone. */
  head: number
  /** Where it was parked before it became ready: the next one there is woken when this one is settled. */
  wokenFrom: Need | 'machine' | undefined
}

/** A file that has its lease, until its last hold is over. */
export interface RunningFile {
  readonly id: string
  /** Undefined once it has finished. */
  lane: number | undefined
  readonly alone: boolean
  /** False once its hold of `alone` is over. */
  holdsMachine: boolean
  readonly needs: readonly Need[]
  /** The instance held for each need; undefined once that hold is over. */
  readonly held: (Instance | undefined)[]
  /** How many of these holds are not over. */
  open: number
}

/**
 * Who waits and who holds what. To be read with `waiting`, `running` and `whatWaitsFor` only.
 * `admit` changes it in place: see there.
 */
export interface AdmissionState {
  readonly lanes: Slots
  readonly resources: ReadonlyMap<string, Resource>
  readonly classes: Map<string, ClaimClass>
  readonly waiting: Map<string, WaitingFile>
  readonly running: Map<string, RunningFile>
  /** Classes that may be able to run. */
  readonly ready: Heap<ClaimClass>
  /** The machine as a whole: held by every file that runs, for itself alone by one that claims `alone`. */
  readonly machine: { holders: number; alone: boolean; readonly parked: Heap<ClaimClass> }
  /** Resources of which an instance is being cleaned. */
  readonly cleaning: Set<Resource>
  /** The estimates of all waiting files, in ms. */
  readonly work: { waiting: number }
  readonly fairness: Fairness
  readonly order: Order
  /** Above all ranks that were given. */
  nextRank: number
  /** How many files arrived since the last plan. */
  unplanned: number
}

export function createState(options: AdmissionOptions, order: Order): AdmissionState {
  const resources = new Map<string, Resource>()
  for (const [name, { instances }] of Object.entries(options.resources))
    if (name !== ALONE) resources.set(name, new Resource(resources.size, name, instances, options.lanes))
  if (!resources.has(SEQUENTIAL))
    resources.set(SEQUENTIAL, new Resource(resources.size, SEQUENTIAL, 1, options.lanes))
  return {
    lanes: new Slots(options.lanes),
    resources,
    classes: new Map(),
    waiting: new Map(),
    running: new Map(),
    ready: new Heap(),
    machine: { holders: 0, alone: false, parked: new Heap() },
    cleaning: new Set(),
    work: { waiting: 0 },
    fairness: createFairness(options.patience ?? 64),
    order,
    nextRank: 0,
    unplanned: 0,
  }
}
