import { LanesError } from '@vitest-lanes/core'

export interface PoolOptions {
  /** Names of databases: this, then a number. */
  readonly prefix: string
  /** Most clones that wait ahead of need; at least 1. */
  readonly ahead: number
  /** Clones that are made at the same time; 1 where left out. */
  readonly makers?: number
  readonly make: (name: string) => Promise<void>
  readonly drop: (name: string) => Promise<void>
  /** Told of what could not be dropped. */
  readonly onDropFailed?: (name: string, error: unknown) => void
}

/** Clean databases, made before somebody asks and dropped when nobody waits. */
export interface DatabasePool {
  /** The name of a database that nobody else has. */
  take(): Promise<string>
  /** Gives it back, to be dropped behind. */
  release(name: string): void
  /** Makes no more, and waits for what is under way. With `drop`, drops every database that it made. */
  close(options: { drop: boolean }): Promise<void>
}

interface Waiter {
  readonly resolve: (name: string) => void
  readonly reject: (error: unknown) => void
}

/** Takes that one look back at the use spans. */
const WINDOW = 16
/** Databases that may wait to be dropped while others still wait to be made. */
const GARBAGE = 8

/**
 * Making goes before dropping: dropping begins when enough are ready, or when too much waits to be dropped. As many
 * wait ahead as were lately in use at once, since no more than these can come back at once.
 */
export function createPool(options: PoolOptions): DatabasePool {
  const { makers = 1 } = options
  const ready: string[] = []
  const waiters: Waiter[] = []
  const garbage: string[] = []
  const inUse = new Set<string>()
  const underWay = new Set<Promise<void>>()
  let number = 0
  let making = 0
  let dropping = false
  let closed = false
  let target = options.ahead
  let takes = 0
  let peak = 0

  function note(name: string): void {
    inUse.add(name)
    peak = Math.max(peak, inUse.size)
    if (++takes % WINDOW !== 0) return
    target = Math.max(1, Math.min(options.ahead, peak))
    peak = inUse.size
  }

  const missing = () => target + waiters.length - ready.length - making

  function work(): void {
    if (closed) return
    while (making < makers && missing() > 0) track(makeOne())
    const calm = waiters.length === 0 && missing() <= 0
    if (!dropping && garbage.length > 0 && (calm || garbage.length > GARBAGE)) track(dropOne())
  }

  function track(task: Promise<void>): void {
    underWay.add(task)
    void task.finally(() => underWay.delete(task))
  }

  async function makeOne(): Promise<void> {
    const name = `${options.prefix}${++number}`
    making++
    try {
      await options.make(name)
      making--
      const waiter = waiters.shift()
      if (waiter === undefined) ready.push(name)
      else {
        note(name)
        waiter.resolve(name)
      }
    } catch (error) {
      making--
      // With nobody waiting there is nobody to tell: who comes next will find out.
      const waiter = waiters.shift()
      waiter?.reject(error)
      if (waiter === undefined) return
    }
    work()
  }

  async function dropOne(): Promise<void> {
    const name = garbage.shift()
    if (name === undefined) return
    dropping = true
    try {
      await options.drop(name)
    } catch (error) {
      options.onDropFailed?.(name, error)
    }
    dropping = false
    work()
  }

  work()
  return {
    take() {
      if (closed)
        return Promise.reject(new LanesError('LANES_PROVIDER_OPEN', 'PostgreSQL was already stopped.'))
      const name = ready.shift()
      if (name === undefined) {
        const waiting = new Promise<string>((resolve, reject) => waiters.push({ resolve, reject }))
        work()
        return waiting
      }
      note(name)
      work()
      return Promise.resolve(name)
    },
    release(name) {
      if (!inUse.delete(name)) return
      garbage.push(name)
      work()
    },
    async close({ drop }) {
      closed = true
      for (const waiter of waiters.splice(0)) {
        waiter.reject(
          new LanesError('LANES_PROVIDER_OPEN', 'PostgreSQL was stopped before a database was ready.'),
        )
      }
      await Promise.allSettled(underWay)
      if (!drop) return
      for (const name of [...ready, ...inUse, ...garbage]) {
        await options.drop(name).catch((error: unknown) => options.onDropFailed?.(name, error))
      }
    },
  }
}
