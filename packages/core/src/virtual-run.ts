import { admit } from './admission/admit.ts'
import { createState, type Order } from './admission/state.ts'
import type { AdmissionEvent, Lease } from './admission/types.ts'
import { Heap, type Ranked } from './heap.ts'
import type { Workload } from './workload.ts'

export interface SimulateOptions {
  readonly lanes: number
  /** From the lease to the first test, in ms; the lane is held. Default 0. */
  readonly startDelay?: number
  /** From the last test to the exit of the process, in ms; the lane is free, the instances are held. Default 0. */
  readonly exitDelay?: number
  /** From the exit to clean instances, in ms. Default 0. */
  readonly cleanDelay?: number
  /** As `AdmissionOptions.patience`. */
  readonly patience?: number
}

export interface SimulatedLease extends Lease {
  /** When the lease was granted, in ms. */
  readonly start: number
  /** When the file finished, in ms. */
  readonly end: number
}

export interface Simulation {
  /** When the last file finished, in ms. */
  readonly wall: number
  readonly leases: readonly SimulatedLease[]
}

interface Timed extends Ranked {
  readonly events: readonly AdmissionEvent[]
}

/** Runs the real admission over a workload, in virtual time and in a given order. */
export function virtualRun(
  { files, resources }: Workload,
  options: SimulateOptions,
  order: Order,
): Simulation {
  const { lanes, startDelay = 0, exitDelay = 0, cleanDelay = 0, patience } = options
  const durations = new Map(files.map(({ id, duration }) => [id, duration]))
  const timeline = new Heap<Timed>()
  const leases: SimulatedLease[] = []
  let state = createState({ lanes, resources, ...(patience === undefined ? {} : { patience }) }, order)
  let wall = 0

  const send = (time: number, ...events: readonly AdmissionEvent[]): void => {
    const [next, granted] = admit(state, ...events)
    state = next
    for (const lease of granted) {
      const end = time + startDelay + (durations.get(lease.id) ?? 0)
      wall = Math.max(wall, end)
      leases.push({ ...lease, start: time, end })
      for (const timed of endOf(lease, end)) timeline.push(timed)
    }
  }

  const endOf = (lease: Lease, end: number): Timed[] => {
    const finished = { type: 'finished', id: lease.id } as const
    const cleaned = Object.keys(lease.instances).map((resource): AdmissionEvent => ({
      type: 'cleaned',
      id: lease.id,
      resource,
    }))
    const delay = exitDelay + cleanDelay
    if (delay === 0) return [{ rank: end, events: [finished, ...cleaned] }]
    return [
      { rank: end, events: [finished] },
      { rank: end + delay, events: cleaned },
    ]
  }

  send(0, {
    type: 'enqueue',
    files: files.map(({ id, claims, duration, estimate = duration }) => ({ id, claims, estimate })),
  })
  for (let timed = timeline.pop(); timed !== undefined; timed = timeline.pop())
    send(timed.rank, ...timed.events)
  return { wall, leases }
}
