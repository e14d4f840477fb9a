import type { Queue, QueueEvents } from 'bullmq'
import { createHistory, type History } from './history.ts'

/** The events of one queue, from its first on. */
export interface Watch {
  readonly queue: Queue
  readonly history: History
  /** Whether the history begins with the queue. */
  readonly isWhole: boolean
  /** Calls back after each event. Returns what ends that. */
  onEvent(listener: () => void): () => void
}

/** All that BullMQ tells of a job, or of the queue. */
const EVENTS = [
  'added',
  'waiting',
  'active',
  'completed',
  'failed',
  'delayed',
  'waiting-children',
  'stalled',
  'removed',
  'progress',
  'duplicated',
  'deduplicated',
  'drained',
  'paused',
  'resumed',
  'cleaned',
  'retries-exhausted',
] as const

/** Keeps what the events tell. They are to be read from the first on, so that it does not matter who listens when. */
export function watch(queue: Queue, events: QueueEvents, isWhole: boolean): Watch {
  const history = createHistory()
  const listeners = new Set<() => void>()
  const emitter: NodeJS.EventEmitter = events
  for (const name of EVENTS) {
    emitter.on(name, (told: unknown) => {
      const { jobId, returnvalue, failedReason } = Object(told)
      history.add({ name, jobId, returnvalue, failedReason })
      for (const listener of listeners) listener()
    })
  }
  // A reader that is cut off is looked after by the waits, which look at the queue too.
  emitter.on('error', () => undefined)
  return {
    queue,
    history,
    isWhole,
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
