type Process = (...args: unknown[]) => unknown

/** A processor, and how to wait until none of its calls is under way. */
export interface TrackedProcessor {
  readonly processor: unknown
  readonly idle: () => Promise<void>
}

/** Follows the calls of a processor. A file that BullMQ runs in a process of its own cannot be followed. */
export function trackProcessor(processor: unknown): TrackedProcessor | undefined {
  if (typeof processor !== 'function') return undefined
  const running = new Set<Promise<unknown>>()
  const original = processor as Process
  const tracked: Process = (...args) => {
    const call = (async () => original(...args))()
    running.add(call)
    return call.finally(() => running.delete(call))
  }
  // BullMQ 5.81 looks at the number of parameters: with three, it hands over a signal.
  Object.defineProperty(tracked, 'length', { value: original.length })
  return {
    processor: tracked,
    async idle() {
      while (running.size > 0) await Promise.allSettled(running)
    },
  }
}
