import { EventEmitter } from 'node:events'
import type { PoolWorker } from 'vitest/node'
import { isResponse } from '../vitest/messages.ts'
import type { PoolWorkerOptions, RunRequest, StartRequest } from '../vitest/messages.ts'
import { pidOf, realPool } from '../vitest/real-pools.ts'
import type { RealPoolName } from '../vitest/real-pools.ts'

// Vitest's own limit for a worker's start (4.1.12), which no longer applies: it believes ours started long ago.
const START_TIMEOUT = 60_000

interface Events {
  message: [unknown]
  error: [unknown]
  exit: []
}

/** What a listener is told of a worker. */
export interface Listeners {
  readonly message: (message: unknown) => void
  readonly error: (error: unknown) => void
  readonly exit: () => void
}

/** One of Vitest's own workers, started late: spawned, told `start`, and waited for. */
export class RealWorker {
  readonly #worker: PoolWorker
  readonly #events = new EventEmitter<Events>()
  #stopped: Promise<void> | undefined
  #gone = false
  #onGone: () => void = () => {}
  /** Resolves when the process or thread has really exited, by itself or by `stop`. */
  readonly exited: Promise<void>

  constructor(pool: RealPoolName, options: PoolWorkerOptions) {
    this.#worker = realPool(pool).create(options)
    this.exited = new Promise((resolve) => (this.#onGone = resolve))
  }

  get pid(): number | undefined {
    return pidOf(this.#worker)
  }

  /** Resolves when the worker has answered `started`. Rejects if it exits, fails, or takes longer than a minute. */
  async start(request: StartRequest): Promise<void> {
    await this.#worker.start()
    this.#worker.on('message', (message) => this.#events.emit('message', this.#worker.deserialize(message)))
    this.#worker.on('error', (error) => {
      if (this.#events.listenerCount('error') > 0) this.#events.emit('error', error)
    })
    this.#worker.on('exit', () => {
      this.#gone = true
      this.#events.emit('exit')
      this.#onGone()
    })
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error('Timeout waiting for worker to respond')),
        START_TIMEOUT,
      )
      const settle = (error?: unknown) => {
        clearTimeout(timer)
        off()
        if (error === undefined) resolve()
        else reject(error)
      }
      const off = this.listen({
        message: (message) => {
          if (isResponse(message, 'started')) settle(message.error)
        },
        error: settle,
        exit: () => settle(new Error('Worker exited unexpectedly')),
      })
      this.#worker.send(request)
    })
  }

  /** Passes on what the worker says. Returns what ends it. */
  listen(on: Listeners): () => void {
    this.#events.on('message', on.message).on('error', on.error).on('exit', on.exit)
    return () => {
      this.#events.off('message', on.message).off('error', on.error).off('exit', on.exit)
    }
  }

  send(message: RunRequest | Parameters<PoolWorker['send']>[0]): void {
    if (!this.#gone && this.#stopped === undefined) this.#worker.send(message)
  }

  /** Ends the process or thread, whatever it does, and waits until it is gone. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end()
    return this.#stopped
  }

  /** Lets the worker tear itself down first, as Vitest does. */
  async stopGracefully(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#gone) return resolve()
      this.listen({
        message: (message) => {
          if (isResponse(message, 'stopped')) resolve()
        },
        error: () => resolve(),
        exit: resolve,
      })
      this.send({ type: 'stop', __vitest_worker_request__: true })
    })
    await this.stop()
  }

  async #end(): Promise<void> {
    if (this.#gone) return
    await this.#worker.stop()
    this.#gone = true
    this.#onGone()
  }
}
