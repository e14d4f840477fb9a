import type { Queue, QueueEvents } from 'bullmq'
import type { Maker } from './library.ts'
import { watch, type Watch } from './watch.ts'

/** From the first event on: the prefix is the test's own, so all that stands there is the test's. */
const FIRST = '0'

/** Reads the events of the queues that a test waits for; those of one that it has adopted, from its own beginning on. */
export function createWatches(
  maker: Maker,
  keep: (events: QueueEvents) => QueueEvents,
): (queue: Queue) => Watch {
  const begun = `${Date.now()}-0`
  const watches = new Map<string, Watch>()
  return (queue) => {
    const known = watches.get(queue.qualifiedName)
    if (known !== undefined) return known
    const { connection, prefix } = queue.opts
    const isWhole = prefix === maker.prefix
    const lastEventId = isWhole ? FIRST : begun
    const events = keep(maker.events(queue.name, { connection, prefix, lastEventId }))
    const made = watch(queue, events, isWhole)
    watches.set(queue.qualifiedName, made)
    return made
  }
}
