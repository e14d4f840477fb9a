import { strict as assert } from 'node:assert'
import {
  ALONE,
  SEQUENTIAL,
  admit,
  createAdmission,
  running,
  waiting,
  whatWaitsFor,
  type AdmissionEvent,
  type AdmissionOptions,
  type AdmissionState,
  type FileRequest,
  type Lease,
  type Mode,
} from '@vitest-lanes/core'

interface Running {
  readonly lease: Lease
  readonly request: FileRequest
  finished: boolean
  /** Resources whose hold is not over. */
  readonly holds: Set<string>
}

/** A second, naive book of who holds what, kept from events and leases alone: checks each answer of `admit`. */
export class AdmissionModel {
  readonly waiting = new Map<string, FileRequest>()
  readonly running = new Map<string, Running>()
  readonly granted: string[] = []
  /** How many files waited at the same time, at most. */
  mostWaiting = 0
  /** At how many grants a file was enqueued. */
  readonly enqueuedAt = new Map<string, number>()
  lanes: number
  readonly patience: number
  readonly #resources: AdmissionOptions['resources']
  readonly #room = new Map<string, number>()
  state: AdmissionState

  constructor(options: AdmissionOptions) {
    this.lanes = options.lanes
    this.patience = options.patience ?? 64
    this.#resources = options.resources
    this.state = createAdmission(options)
  }

  send(event: AdmissionEvent): readonly Lease[] {
    this.#apply(event)
    const [state, leases] = admit(this.state, event)
    this.state = state
    for (const lease of leases) this.#check(lease)
    this.#checkNothingIdles()
    assert.deepEqual([...waiting(state)].sort(), [...this.waiting.keys()].sort())
    assert.deepEqual([...running(state)].sort(), [...this.running.keys()].sort())
    return leases
  }

  capacity(resource: string): number {
    const room = this.#room.get(resource)
    const declared = resource === SEQUENTIAL ? 1 : (this.#resources[resource]?.instances ?? 0)
    return declared === 'lanes' ? Math.min(2 * this.lanes, room ?? Infinity) : (room ?? declared)
  }

  isPossible(file: FileRequest): boolean {
    return file.claims.every(({ resource }) => resource === ALONE || this.capacity(resource) > 0)
  }

  #apply(event: AdmissionEvent): void {
    switch (event.type) {
      case 'enqueue':
        for (const file of event.files) {
          this.waiting.set(file.id, file)
          this.enqueuedAt.set(file.id, this.granted.length)
        }
        this.mostWaiting = Math.max(this.mostWaiting, this.waiting.size)
        return
      case 'withdraw':
        this.waiting.delete(event.id)
        return
      case 'finished': {
        const file = this.running.get(event.id)
        if (file) file.finished = true
        return this.#forgetIfOver(event.id)
      }
      case 'cleaned':
        this.running.get(event.id)?.holds.delete(event.resource)
        return this.#forgetIfOver(event.id)
      case 'lanes':
        this.lanes = event.count
        return
      case 'instances':
        this.#room.set(event.resource, event.count)
        return
      default:
        event satisfies never
    }
  }

  #forgetIfOver(id: string): void {
    const file = this.running.get(id)
    if (file?.finished && file.holds.size === 0) this.running.delete(id)
  }

  #check(lease: Lease): void {
    const request = this.waiting.get(lease.id)
    assert(request, `${lease.id} got a lease but did not wait`)
    const claims = claimsOf(request)
    assert.deepEqual(new Map(Object.entries(lease.modes)), claims, 'all claims or none')
    assert.deepEqual(Object.keys(lease.instances).sort(), [...claims.keys()].sort())

    const waited = this.granted.length - (this.enqueuedAt.get(lease.id) ?? 0)
    assert(
      this.lanes - this.#active().length > this.#keptLanes() ||
        [...claims.keys()].some((resource) => this.#isBottleneck(resource)) ||
        waited >= this.patience,
      `${lease.id} took a lane that is kept for a bottleneck`,
    )
    const lanes = new Set(this.#active().map(({ lease }) => lease.lane))
    assert(lanes.size < this.lanes, 'more files than lanes')
    assert.equal(lease.lane, lowestFree(lanes), 'the lowest free lane')

    for (const [resource, mode] of claims) {
      const number = lease.instances[resource]
      assert(number !== undefined)
      const holders = this.#holders(resource)
      const beside = holders.filter((other) => other.lease.instances[resource] === number)
      if (mode === 'exclusive') assert.equal(beside.length, 0, `${resource} ${number} is held`)
      for (const other of beside) assert.equal(other.lease.modes[resource], 'shared')
      const joinable = this.#joinable(resource)
      if (mode === 'shared' && joinable.size > 0) assert(joinable.has(number), 'joins what is shared')
      else {
        const used = new Set(holders.map((other) => other.lease.instances[resource] ?? 0))
        assert(resource === ALONE || used.size < this.capacity(resource), `too many ${resource}`)
        assert.equal(number, lowestFree(used), 'the lowest free instance')
      }
    }
    this.waiting.delete(lease.id)
    this.granted.push(lease.id)
    this.running.set(lease.id, { lease, request, finished: false, holds: new Set(claims.keys()) })
  }

  #checkNothingIdles(): void {
    for (const file of this.waiting.values()) {
      const what = whatWaitsFor(this.state, file.id)
      assert(what, `${file.id} waits`)
      if (!this.#canRun(file)) continue
      assert(what.kept, `${file.id} can run, but waits for ${what.what}`)
      if (what.what === 'lane') {
        const free = this.lanes - this.#active().length
        assert(free <= this.#keptLanes(), `${file.id} can run, but not every free lane is kept`)
        continue
      }
      const [favoured = ''] = what.holders
      const first = this.waiting.get(favoured)
      assert(first && favoured !== file.id, 'kept for a file that waits')
      const waited = this.granted.length - (this.enqueuedAt.get(favoured) ?? 0)
      assert(waited >= this.patience, 'kept for a file that has waited long')
      const wants = claimsOf(first)
      assert(
        [...claimsOf(file)].some(([resource, mode]) => this.#isKept(resource, mode, wants.get(resource))),
        'kept for a file that would not have it otherwise',
      )
    }
  }

  /** Both want it, not both shared, and no instance would be left. */
  #isKept(resource: string, mode: Mode, wanted: Mode | undefined): boolean {
    if (wanted === undefined || (wanted === 'shared' && mode === 'shared')) return false
    if (resource === ALONE) return true
    const joins = mode === 'shared' && this.#joinable(resource).size > 0
    const used = new Set(this.#holders(resource).map(({ lease }) => lease.instances[resource]))
    return this.capacity(resource) - used.size - (joins ? 0 : 1) < 1
  }

  /** A lane is kept for each instance that is being cleaned of a bottleneck that has no other free. */
  #keptLanes(): number {
    const names = new Set([...this.running.values()].flatMap(({ holds }) => [...holds]))
    let kept = 0
    for (const resource of names) {
      if (resource === ALONE || !this.#isBottleneck(resource)) continue
      const holders = this.#holders(resource)
      const used = new Set(holders.map(({ lease }) => lease.instances[resource]))
      if (used.size < this.capacity(resource)) continue
      const active = holders.filter(({ finished }) => !finished)
      kept += used.size - new Set(active.map(({ lease }) => lease.instances[resource])).size
    }
    return kept
  }

  #isBottleneck(resource: string): boolean {
    let all = 0
    let ofResource = 0
    for (const file of this.waiting.values()) {
      const mode = claimsOf(file).get(resource)
      all += file.estimate / this.lanes
      if (mode === 'exclusive') ofResource += file.estimate / this.capacity(resource)
      if (mode === 'shared') ofResource += file.estimate / this.lanes / this.capacity(resource)
    }
    return ofResource > all - 1e-6
  }

  #canRun(file: FileRequest): boolean {
    if (this.#active().length >= this.lanes) return false
    return [...claimsOf(file)].every(([resource, mode]) => {
      if (mode === 'shared' && this.#joinable(resource).size > 0) return true
      const used = new Set(this.#holders(resource).map((other) => other.lease.instances[resource]))
      return used.size < (resource === ALONE ? 1 : this.capacity(resource))
    })
  }

  #active(): Running[] {
    return [...this.running.values()].filter(({ finished }) => !finished)
  }

  #holders(resource: string): Running[] {
    return [...this.running.values()].filter(({ holds }) => holds.has(resource))
  }

  /** Instances that are shared by a file that has not finished. The machine can always be joined. */
  #joinable(resource: string): Set<number> {
    return new Set(
      this.#holders(resource)
        .filter(
          ({ lease, finished }) => lease.modes[resource] === 'shared' && (!finished || resource === ALONE),
        )
        .map(({ lease }) => lease.instances[resource] ?? 0),
    )
  }
}

/** A file's claims, with its share of the machine. */
export function claimsOf(file: FileRequest): Map<string, Mode> {
  return new Map<string, Mode>([
    [ALONE, 'shared'],
    ...file.claims.map(({ resource, mode }) => [resource, mode] as const),
  ])
}

function lowestFree(used: ReadonlySet<number>): number {
  let number = 1
  while (used.has(number)) number++
  return number
}
