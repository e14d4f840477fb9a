import type { Job, Queue, QueueEvents } from 'bullmq'
import type { Maker } from './library.ts'
import { watch, type Watch } from './watch.ts'

/** The queues of a test whose events are read. */
export interface Watches {
  of(queue: Queue): Watch
  /** Of the queue that the job is in: one of the test's, else one of the same prefix and name. */
  ofJob(job: Job, known: readonly Queue[]): Watch
}

/** From the first event on: the prefix is the test's own, so all that stands there is the test's. */
const FIRST = '0-0'

export function createWatches(maker: Maker, keep: (events: QueueEvents) => QueueEvents): Watches {
  const watches = new Map<string, Watch>()
  function of(queue: Queue): Watch {
    const known = watches.get(queue.qualifiedName)
    if (known !== undefined) return known
    const { connection, prefix } = queue.opts
    const events = maker.events(queue.name, { connection, prefix, lastEventId: FIRST })
    const made = watch(queue, keep(events))
    watches.set(queue.qualifiedName, made)
    return made
  }
  return {
    of,
    ofJob(job, known) {
      const { queueQualifiedName, queueName } = job
      const queue = known.find(({ qualifiedName }) => qualifiedName === queueQualifiedName)
      if (queue !== undefined) return of(queue)
      const { prefix, queue: source } = Object(job)
      return of(
        maker.queue(queueName, {
          prefix,
          ...(source?.opts?.connection && { connection: source.opts.connection }),
        }),
      )
    },
  }
}
