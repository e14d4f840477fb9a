/** How a job ended, as its queue's events tell. */
export interface Ended {
  readonly jobId: string
  readonly state: 'completed' | 'failed'
  readonly returnvalue?: unknown
  readonly failedReason?: string
}

/** One event of a queue, as BullMQ's `QueueEvents` tell it. */
export interface QueueEvent {
  readonly name: string
  readonly jobId?: string | undefined
  readonly returnvalue?: unknown
  readonly failedReason?: string | undefined
}

/** What became of the jobs of a queue since its first event. */
export interface History {
  add(event: QueueEvent): void
  /** How the job has ended; undefined where it has not, or was put back since. */
  outcome(jobId: string): Ended | undefined
  /** States that the job has been in. */
  states(jobId: string): ReadonlySet<string>
  /** The last event that spoke of the job. */
  last(jobId: string): string | undefined
  /** All that have ended, in that order; one that was retried by hand may stand here twice. */
  readonly ended: readonly Ended[]
}

/** Events after which a job is on its way again. */
const AGAIN = new Set(['added', 'waiting', 'active', 'delayed', 'waiting-children'])

export function createHistory(): History {
  const ended: Ended[] = []
  const outcomes = new Map<string, Ended>()
  const states = new Map<string, Set<string>>()
  const last = new Map<string, string>()
  return {
    ended,
    add({ name, jobId, returnvalue, failedReason }) {
      if (jobId === undefined) return
      last.set(jobId, name)
      if (AGAIN.has(name)) outcomes.delete(jobId)
      if (name === 'completed' || name === 'failed') {
        const outcome: Ended = {
          jobId,
          state: name,
          ...(name === 'completed' ? { returnvalue } : { failedReason: failedReason ?? '' }),
        }
        outcomes.set(jobId, outcome)
        ended.push(outcome)
      }
      if (name === 'added' || name === 'removed') return
      const seen = states.get(jobId) ?? new Set()
      states.set(jobId, seen.add(name))
    },
    outcome: (jobId) => outcomes.get(jobId),
    states: (jobId) => states.get(jobId) ?? new Set(),
    last: (jobId) => last.get(jobId),
  }
}
