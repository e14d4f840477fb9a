import type { Grant } from '../../run/scheduler.ts'
import { answerTo, isResponse } from '../../vitest/messages.ts'
import type { PoolWorkerOptions, RunRequest, StartRequest } from '../../vitest/messages.ts'
import { Transcript, messageOf } from '../../vitest/transcript.ts'
import type { Problem } from '../../vitest/transcript.ts'
import type { RealWorker } from '../real-worker.ts'
import type { StandInJob } from '../run.ts'
import type { SplitPart } from './file-split.ts'

export interface PartRunOptions {
  readonly part: SplitPart
  readonly start: StartRequest
  readonly request: RunRequest
  readonly options: PoolWorkerOptions
  /** A call that only Vitest can answer, such as for the code of a module. */
  readonly ask: (message: unknown) => void
  /** It has told more; its transcript may have a problem. */
  readonly heard: () => void
}

/**
 * Runs one part of a file in a lane and with instances of its own, and writes down what Vitest would hear of it.
 * Waits for its lease, starts a worker, runs, tears down; ends at any moment when asked to.
 */
export class PartRun {
  readonly transcript: Transcript
  readonly #options: PartRunOptions
  readonly #job: StandInJob
  #grant: Grant | undefined
  #worker: RealWorker | undefined
  /** Resolves when there is a worker, or none can be had; there while one is being made. */
  #spawning: Promise<void> | undefined
  #spawned: () => void = () => {}
  #over = false
  #finished = false
  #tornDown = false
  #resolve: () => void = () => {}
  /** Resolves when the part has run and torn itself down, or has a problem, or was ended. */
  readonly done: Promise<void>
  #exited: Promise<void> = Promise.resolve()

  constructor(options: PartRunOptions) {
    this.#options = options
    this.#job = options.part.job
    this.transcript = new Transcript(new Set(options.part.tests.map(([id]) => id)))
    this.done = new Promise((resolve) => (this.#resolve = resolve))
  }

  async run(): Promise<void> {
    const { start, options, request } = this.#options
    const grant = (this.#grant = await this.#job.lease())
    if (grant === undefined) return this.#resolve()
    if (this.#over) return this.#giveBack()
    if (grant.failure !== undefined) this.#job.withdraw()
    if (grant.failure !== undefined) return this.#fail({ why: grant.failure.message.split('\n', 1)[0]! })
    this.#spawning = new Promise((resolve) => (this.#spawned = resolve))
    try {
      const worker = await this.#job.worker(grant, start, options, (spawned) => this.#listen(spawned))
      if (!this.#over) worker.send(request)
    } catch (error) {
      this.#spawned()
      if (this.#worker === undefined) this.#giveBack()
      this.#fail({ why: `its worker did not start: ${String(error)}` })
    }
  }

  /** Passes on what Vitest has answered. */
  send(answer: unknown): void {
    this.#worker?.send(answer as RunRequest)
  }

  /** Ends it, whatever it does. Resolves when its worker has gone. */
  async end(): Promise<void> {
    if (!this.#over) {
      this.#over = true
      this.#job.withdraw()
      if (this.#spawning === undefined) this.#giveBack()
    }
    await this.#spawning
    await this.#worker?.stop()
    await this.#exited
    this.#resolve()
  }

  #listen(worker: RealWorker): void {
    this.#worker = worker
    worker.listen({
      message: (message) => this.#hear(message, worker),
      error: (error) => this.#fail({ why: `its worker failed: ${String(error)}` }),
      exit: (signal) => {
        if (!this.#finished) this.#fail({ why: exitText(signal) })
        else this.#resolve()
      },
    })
    this.#exited = worker.exited.then(async () => {
      this.#giveBack()
      if (this.#tornDown) await this.#job.gone()
    })
    this.#spawned()
  }

  #hear(message: unknown, worker: RealWorker): void {
    if (this.#over || isResponse(message, 'started')) return
    if (isResponse(message, 'testfileFinished')) return this.#finish(message, worker)
    if (isResponse(message, 'stopped')) return void this.#tearDown(message.error, worker)
    const kept = this.transcript.hear(message)
    if (kept === undefined) return this.#options.ask(message)
    if (this.transcript.file !== undefined) this.#job.collected()
    // The worker goes on as if Vitest had heard it.
    worker.send(answerTo(message, kept.answer))
    this.#options.heard()
  }

  #finish({ usedMemory, error }: { usedMemory?: number; error?: unknown }, worker: RealWorker): void {
    this.#finished = true
    const failure = this.#job.finished(usedMemory) ?? error
    this.#grant?.finished()
    if (failure !== undefined) return this.#fail({ why: `it could not be run: ${messageOf(failure)}` })
    worker.send({ type: 'stop', __vitest_worker_request__: true })
    const { teardownTimeout } = this.#options.options.project.vitest.config
    const timer = setTimeout(() => void worker.stop(), teardownTimeout)
    void worker.exited.then(() => clearTimeout(timer))
  }

  async #tearDown(error: unknown, worker: RealWorker): Promise<void> {
    if (error !== undefined) return this.#fail({ why: 'its environment could not be torn down' })
    this.#tornDown = true
    await this.#job.tornDown()
    void worker.stop()
    this.#resolve()
  }

  #fail(problem: Problem): void {
    if (this.#over) return
    this.transcript.problem ??= problem
    this.#options.heard()
    this.#resolve()
  }

  #giveBack(): void {
    this.#grant?.finished()
    this.#grant?.exited()
  }
}

function exitText(signal: unknown): string {
  return `its worker exited unexpectedly${typeof signal === 'string' ? ` (${signal})` : ''}`
}
