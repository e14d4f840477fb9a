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
  exit: [signal: unknown]
}

/** What a listener is told of a worker. */
export interface Listeners {
  readonly message: (message: unknown) => void
  readonly error: (error: unknown) => void
  /** @param signal what ended it, where a signal did */
  readonly exit: (signal: unknown) => void
}

/** One of Vitest's own workers, started late: spawned, told `start`, and waited for. */
export class RealWorker {
  readonly #worker: PoolWorker
  /** Of the process; undefined for a thread. Known once it has been spawned. */
  pid: number | undefined
  readonly #events = new EventEmitter<Events>()
  #spawned: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  #gone = false
  #onGone: () => void = () => {}
  /** Resolves when the process or thread has really exited, by itself or by `stop`. */
  readonly exited: Promise<void>

  constructor(pool: RealPoolName, options: PoolWorkerOptions) {
    this.#worker = realPool(pool).create(options)
    this.exited = new Promise((resolve) => (this.#onGone = resolve))
  }

  /** Starts the process or thread, which loads Vitest and waits to be told what it is. Once, however often it is called. */
  spawn(): Promise<void> {
    this.#spawned ??= this.#spawn().catch((error: unknown) => {
      this.#leave()
      throw error
    })
    return this.#spawned
  }

  /**
   * Resolves when the worker has answered `started`. Rejects if it exits, fails, or takes longer than a minute.
   * @param vacated it is told its number when this has resolved, and gets itself ready meanwhile
   */
  async start(request: StartRequest, vacated: Promise<void>): Promise<void> {
    await this.spawn()
    await new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      let isOver = false
      const settle = (error?: unknown) => {
        isOver = true
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
      void vacated.then(() => {
        if (isOver) return
        timer = setTimeout(() => settle(new Error('Timeout waiting for worker to respond')), START_TIMEOUT)
        this.#worker.send(request)
      })
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
        exit: () => resolve(),
      })
      this.send({ type: 'stop', __vitest_worker_request__: true })
    })
    await this.stop()
  }

  /** Ends a process at once, from where nothing can be awaited. A thread ends with us. */
  kill(): void {
    if (this.#gone || this.pid === undefined) return
    try {
      process.kill(this.pid, 'SIGKILL')
    } catch {
      // It has just exited.
    }
  }

  async #spawn(): Promise<void> {
    await this.#worker.start()
    this.pid = pidOf(this.#worker)
    this.#worker.on('message', (message) => this.#events.emit('message', this.#worker.deserialize(message)))
    this.#worker.on('error', (error: unknown) => {
      // A message that crosses the exit cannot be sent: the exit is told next.
      if (isLostMessage(error)) return
      if (this.pid === undefined && isSpawnFailure(error)) this.#leave()
      if (this.#events.listenerCount('error') > 0) this.#events.emit('error', error)
    })
    this.#worker.on('exit', (_code: unknown, signal?: unknown) => {
      this.#events.emit('exit', signal)
      this.#leave()
    })
  }

  async #end(): Promise<void> {
    if (this.#gone) return
    try {
      await this.#worker.stop()
    } finally {
      this.#leave()
    }
  }

  #leave(): void {
    this.#gone = true
    this.#onGone()
  }
}

function isLostMessage(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'EPIPE' || code === 'ERR_IPC_CHANNEL_CLOSED' || code === 'ERR_IPC_DISCONNECTED'
}

function isSpawnFailure(error: unknown): boolean {
  return String((error as { syscall?: unknown }).syscall).startsWith('spawn')
}
