/** Keys by which BullMQ's queues are known (5.81, 6.0): each `Queue` and each worker writes the first. */
const OF_QUEUE = /^(.+:[^:]+):(?:meta|stalled-check|marker|limiter|events)$/

/** Finds out which keys are a queue's: `bull:mails` for `bull:mails:7`. */
export function queueOf(keys: Iterable<string>): (key: string) => string | undefined {
  const queues = new Set<string>()
  for (const key of keys) {
    const queue = OF_QUEUE.exec(key)?.[1]
    if (queue !== undefined) queues.add(queue)
  }
  return (key) => {
    for (let end = key.indexOf(':'); end !== -1; end = key.indexOf(':', end + 1)) {
      const queue = key.slice(0, end)
      if (queues.has(queue)) return queue
    }
    return undefined
  }
}
