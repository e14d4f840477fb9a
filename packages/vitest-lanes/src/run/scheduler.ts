import { ALONE, admit, createAdmission, fileKey, whatWaitsFor } from '@vitest-lanes/core'
import type {
  AdmissionEvent,
  AdmissionState,
  Claim,
  Finding,
  Gate,
  InspectedFile,
  Instances,
  Lease,
} from '@vitest-lanes/core'
import { onTop } from '../providers/with-env.ts'
import { HeldBack } from './held-back.ts'
import type { ResourceInstances } from './instances.ts'
import type { FileClock, Moment } from './recorder.ts'

/** A file that wants to run. */
export interface Job {
  /** Unique within the run. */
  readonly id: string
  readonly claims: readonly Claim[]
  /** ms */
  readonly estimate: number
  readonly failedLast: boolean
  readonly clock: FileClock
}

/** A lease with its instances open and clean; or why they could not be had. */
export interface Grant {
  readonly lane: number
  readonly env: Readonly<Record<string, string>>
  readonly failure?: Error
  /** What happened to an instance of it that died by itself. */
  lost(): string | undefined
  /** Whether it can be told what the file leaves on its instances. */
  readonly inspectable: boolean
  /** What the file has left on its instances, while its process still lives. Never rejects. */
  inspect(file: InspectedFile): Promise<readonly Finding[]>
  /** The file has ended: its lane is free. */
  finished(): void
  /** Its process has exited: its instances may be cleaned and given away. */
  exited(): void
}

/** Of a run that is directed. */
export interface Directions {
  /** Holds jobs back, and says in which lane they run. */
  readonly gate?: Gate | undefined
  /** Variables on top of those of every lease. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** A resource that files wait for. */
export interface Contention {
  readonly resource: string
  /** How many files. */
  readonly waiting: number
  /** Ids of the files that hold it. */
  readonly holders: readonly string[]
}

interface Waiting {
  readonly job: Job
  readonly resolve: (grant: Grant | undefined) => void
}

/**
 * Owns the state of admission for one run; everything else sends it events.
 * A job waits, is granted a lease, has finished (lane free), has exited, and is cleaned (instances free); then it is
 * forgotten.
 */
export class Scheduler {
  #state: AdmissionState
  readonly #instances: ReadonlyMap<string, ResourceInstances>
  readonly #waiting = new Map<string, Waiting>()
  readonly #running = new Set<string>()
  readonly #busy = new Set<string>()
  #inbox: Job[] = []
  #lanes: number
  #mostLanes: number
  #idle: (() => void)[] = []
  readonly #heldBack: HeldBack
  readonly #env: Readonly<Record<string, string>>

  constructor(
    lanes: number,
    resources: Readonly<Record<string, { instances: Instances }>>,
    instances: ReadonlyMap<string, ResourceInstances>,
    order: 'chains' | 'given',
    { gate, env = {} }: Directions = {},
  ) {
    this.#heldBack = new HeldBack(gate, (ids) => this.#enqueue(ids))
    this.#env = env
    this.#state = createAdmission({ lanes, resources, order })
    this.#instances = instances
    this.#lanes = lanes
    this.#mostLanes = lanes
  }

  /** How many lanes there are now. */
  get lanes(): number {
    return this.#lanes
  }

  /** How many lanes there have been at once. */
  get mostLanes(): number {
    return this.#mostLanes
  }

  /** Files that run keep their lane, where there are to be fewer. */
  setLanes(count: number): void {
    if (count === this.#lanes) return
    this.#lanes = count
    this.#mostLanes = Math.max(this.#mostLanes, count)
    this.#dispatch({ type: 'lanes', count })
  }

  /** Resolves when the file may run, or with `undefined` if it was withdrawn before. */
  request(job: Job): Promise<Grant | undefined> {
    // Vitest hands over all files of a group within one turn of the event loop: order them together.
    if (this.#inbox.length === 0) setImmediate(() => this.#flush())
    this.#inbox.push(job)
    return new Promise((resolve) => this.#waiting.set(job.id, { job, resolve }))
  }

  /** Whether the file holds something that has an environment or has to be cleaned: more than its turn. */
  holdsInstances({ claims }: Job): boolean {
    return claims.some(({ resource }) => this.#instances.has(resource))
  }

  /** The file no longer wants to run. No effect once it was granted. */
  withdraw(id: string): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    const unseen = this.#inbox.findIndex((job) => job.id === id)
    if (unseen === -1) this.#dispatch({ type: 'withdraw', id })
    else this.#inbox.splice(unseen, 1)
    this.#heldBack.left(id)
    this.#pass()
    waiting.resolve(undefined)
    this.#settle()
  }

  /** Something has happened to a file that others may have been held back for. */
  reached(file: { readonly file: string; readonly project: string }, moment: Moment): void {
    // Not before what is being done about it has been done.
    if (this.#heldBack.reached(fileKey(file), moment)) setImmediate(() => this.#pass())
  }

  /** A provider has room for another number of instances. */
  resize(resource: string, count: number): void {
    this.#dispatch({ type: 'instances', resource, count })
  }

  /** Resolves when no file waits or runs and every instance is clean again. */
  settled(): Promise<void> {
    return this.#waiting.size + this.#running.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#idle.push(resolve))
  }

  /** How many files wait for a lease. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** How many files are in a lane. */
  get busy(): number {
    return this.#busy.size
  }

  /** What files wait for now, and who holds it. Lanes are left out: to wait for one is what most files do. */
  contention(): readonly Contention[] {
    const found = new Map<string, { resource: string; waiting: number; holders: readonly string[] }>()
    for (const id of this.#waiting.keys()) {
      const waits = whatWaitsFor(this.#state, id)
      if (waits === undefined || waits.what === 'lane') continue
      const known = found.get(waits.what)
      if (known === undefined)
        found.set(waits.what, { resource: waits.what, waiting: 1, holders: waits.holders })
      else known.waiting++
    }
    return [...found.values()]
  }

  #flush(): void {
    const jobs = this.#inbox
    this.#inbox = []
    this.#heldBack.hold(jobs.map(({ id }) => id))
    this.#pass()
  }

  #pass(): void {
    this.#heldBack.pass(this.#waiting.size + this.#running.size)
  }

  #enqueue(ids: readonly string[]): void {
    // One may have been withdrawn meanwhile.
    const jobs = ids.flatMap((id) => this.#waiting.get(id)?.job ?? [])
    if (jobs.length === 0) return this.#pass()
    this.#dispatch({
      type: 'enqueue',
      files: jobs.map(({ id, claims, estimate, failedLast }) => ({ id, claims, estimate, failedLast })),
    })
    for (const { id, clock } of jobs) {
      const waits = whatWaitsFor(this.#state, id)
      if (waits !== undefined) clock.waitedFor(waits.what)
    }
  }

  #dispatch(...events: readonly AdmissionEvent[]): void {
    const [state, leases] = admit(this.#state, ...events)
    this.#state = state
    for (const lease of leases) void this.#grant(lease)
  }

  async #grant(granted: Lease): Promise<void> {
    const lease = { ...granted, lane: this.#heldBack.laneOf(granted.id, granted.lane) }
    const { job, resolve } = this.#waiting.get(lease.id)!
    this.#waiting.delete(lease.id)
    this.#running.add(lease.id)
    this.#busy.add(lease.id)
    const held = job.claims.filter(({ resource }) => this.#instances.has(resource))
    job.clock.admitted(lease)
    const opened = await Promise.allSettled(
      held.map(({ resource, mode }) =>
        this.#instances.get(resource)!.acquire(lease.instances[resource]!, mode),
      ),
    )
    const refused = opened.find((outcome) => outcome.status === 'rejected')
    if (refused === undefined) job.clock.note('ready')
    const env: Record<string, string> = Object.assign(
      {},
      ...opened.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : {})),
    )
    resolve({
      lane: lease.lane,
      env: onTop(env, this.#env),
      ...(refused === undefined ? {} : { failure: refused.reason as Error }),
      inspectable: held.some(({ resource }) =>
        this.#instances.get(resource)!.inspectable(lease.instances[resource]!),
      ),
      inspect: async (file) => {
        const looks = held.map(({ resource }) =>
          this.#instances.get(resource)!.inspect(lease.instances[resource]!, file),
        )
        return (await Promise.all(looks)).flat()
      },
      lost: () =>
        firstOf(held.map(({ resource }) => this.#instances.get(resource)!.lost(lease.instances[resource]!))),
      finished: once(() => {
        job.clock.finished()
        this.#busy.delete(lease.id)
        this.#dispatch({ type: 'finished', id: lease.id })
      }),
      exited: once(() => void this.#free(job, lease)),
    })
  }

  async #free(job: Job, lease: Lease): Promise<void> {
    job.clock.note('exited')
    this.#dispatch({ type: 'cleaned', id: lease.id, resource: ALONE })
    const held = Object.entries(lease.instances)
    await Promise.all(held.map(async ([resource, number]) => this.#instances.get(resource)?.release(number)))
    // Given back together, and noted before: so that the record shows each instance held by one file at a time.
    job.clock.note('cleaned')
    this.#dispatch(...held.map(([resource]) => ({ type: 'cleaned' as const, id: lease.id, resource })))
    this.#running.delete(lease.id)
    this.#settle()
  }

  #settle(): void {
    if (this.#waiting.size + this.#running.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}

function once(run: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    run()
  }
}

function firstOf(values: readonly (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined)
}
