import { EventEmitter } from 'node:events'
import type { PoolWorker } from 'vitest/node'
import type { Grant } from '../run/scheduler.ts'
import { isCancel, isRequest, isResponse, response } from '../vitest/messages.ts'
import type { PoolWorkerOptions, RunRequest, StartRequest } from '../vitest/messages.ts'
import { realPool } from '../vitest/real-pools.ts'
import type { RealPoolName } from '../vitest/real-pools.ts'
import type { PoolRun, StandInJob } from './run.ts'
import type { RealWorker } from './real-worker.ts'

export const POOL_NAME = 'lanes'

/**
 * What Vitest's pool takes for a worker. It costs no process until its file may run.
 *
 * idle      → `start`: answered at once with `started`; nothing is spawned
 * waiting   → `run`: a lease is asked for
 * starting  → the lease is there: a real worker is spawned with the lease's variables
 * running   → messages pass through both ways
 * ended     → the file has finished, or was cancelled while it waited
 */
type Mode = 'idle' | 'waiting' | 'starting' | 'running' | 'ended'

export class StandIn implements PoolWorker {
  readonly name = POOL_NAME
  readonly cacheFs: boolean
  readonly reportMemory: boolean
  readonly #pool: RealPoolName
  readonly #options: PoolWorkerOptions
  readonly #runOf: () => PoolRun
  readonly #events = new EventEmitter()
  #mode: Mode = 'idle'
  #start: StartRequest | undefined
  #job: StandInJob | undefined
  #grant: Grant | undefined
  #worker: RealWorker | undefined
  #off: () => void = () => {}

  constructor(pool: RealPoolName, options: PoolWorkerOptions, runOf: () => PoolRun) {
    this.#pool = pool
    this.#options = options
    this.#runOf = runOf
    const { cacheFs, reportMemory } = realPool(pool)
    this.cacheFs = cacheFs
    this.reportMemory = reportMemory
  }

  on(event: string, listener: (value: unknown) => void): void {
    this.#events.on(event, listener)
  }

  off(event: string, listener: (value: unknown) => void): void {
    this.#events.off(event, listener)
  }

  deserialize(message: unknown): unknown {
    return message
  }

  async start(): Promise<void> {}

  send(message: Parameters<PoolWorker['send']>[0]): void {
    if (!isRequest(message)) {
      if (isCancel(message)) this.#cancel()
      this.#worker?.send(message)
      return
    }
    switch (message.type) {
      case 'start':
        this.#start = this.#runOf().share(this.#options.project, message)
        this.#say(response('started'))
        break
      case 'run':
      case 'collect':
        void this.#run(message)
        break
      case 'stop':
        if (this.#mode === 'running' && this.#worker !== undefined) this.#leave(message)
        else this.#say(response('stopped'))
        break
      case 'cancel':
        this.#cancel()
        this.#worker?.send(message)
        break
      default:
        message satisfies never
    }
  }

  /** Vitest calls it once the worker has answered `stopped`, or without asking when it forces an exit. */
  async stop(): Promise<void> {
    this.#mode = 'ended'
    this.#off()
    const job = this.#job
    if (job === undefined) return
    job.withdraw()
    await this.#worker?.stop()
    this.#grant?.finished()
    this.#grant?.exited()
  }

  async #run(request: RunRequest): Promise<void> {
    this.#mode = 'waiting'
    const job = (this.#job = this.#runOf().job(this.#options.project, this.#pool, request))
    const grant = (this.#grant = await job.lease())
    // Cancelled while it waited: it has answered already.
    if (this.#mode !== 'waiting' || grant === undefined) return this.#giveBack(grant)
    this.#mode = 'starting'
    try {
      const worker = await job.worker(grant, this.#start!, this.#options)
      if ((this.#mode as Mode) !== 'starting') {
        await worker.stop()
        return this.#giveBack(grant)
      }
      this.#mode = 'running'
      this.#worker = worker
      this.#off = worker.listen({
        message: (message) => this.#pass(message, job, grant),
        error: (error) => this.#events.emit('error', error),
        exit: () => this.#exited(grant),
      })
      worker.send(request)
    } catch (error) {
      this.#giveBack(grant)
      if (this.#mode === 'starting') this.#events.emit('error', error)
    }
  }

  #pass(message: unknown, job: StandInJob, grant: Grant): void {
    if (isResponse(message, 'testfileFinished')) {
      const error = job.finished(grant, message.usedMemory)
      grant.finished()
      if (error !== undefined && message.error === undefined) return this.#say({ ...message, error })
    }
    this.#say(message)
  }

  // A worker that may serve the lane's next file is kept; Vitest need not know.
  #leave(message: Parameters<PoolWorker['send']>[0]): void {
    const worker = this.#worker!
    if (!this.#job!.keep(worker, this.#grant!)) return worker.send(message)
    this.#off()
    this.#worker = undefined
    this.#say(response('stopped'))
  }

  #exited(grant: Grant): void {
    this.#mode = 'ended'
    this.#giveBack(grant)
    this.#events.emit('exit')
  }

  #cancel(): void {
    if (this.#mode !== 'waiting' && this.#mode !== 'starting') return
    this.#mode = 'ended'
    this.#job?.cancelled()
    this.#say(response('testfileFinished'))
  }

  #giveBack(grant: Grant | undefined): void {
    grant?.finished()
    grant?.exited()
  }

  #say(message: unknown): void {
    this.#events.emit('message', message)
  }
}
