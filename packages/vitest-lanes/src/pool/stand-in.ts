import type { PoolWorker } from 'vitest/node'
import { aborted } from '../run/within.ts'
import type { Grant } from '../run/scheduler.ts'
import { answerTo, answeredId, isCancel, isRequest, isResponse, response } from '../vitest/messages.ts'
import type { PoolWorkerOptions, RunRequest, StartRequest, StopRequest } from '../vitest/messages.ts'
import { realPool } from '../vitest/real-pools.ts'
import type { RealPoolName } from '../vitest/real-pools.ts'
import { exitError } from './exit-error.ts'
import { KEPT_BACK } from './run.ts'
import type { PoolRun, StandInJob } from './run.ts'
import type { FileSplit } from './split/file-split.ts'
import { SplitRun } from './split/split-run.ts'
import { Verdict } from './verdict.ts'
import type { RealWorker } from './real-worker.ts'

export const POOL_NAME = 'lanes'

// A terminal sends Ctrl-C to the workers as well as to us: theirs may be noticed first.
const SAME_SIGNAL = 250

/**
 * What Vitest's pool takes for a worker. It costs no process until its file may run.
 *
 * idle      → `start`: answered at once with `started`; nothing is spawned
 * split     → `run` of a file that runs in parts: each of them has a lease and a worker; Vitest is told when all have ended
 * waiting   → `run`, or the parts came to nothing: a lease is asked for
 * starting  → the lease is there: a real worker is spawned with the lease's variables; it may call Vitest already,
 *             such as for the code of a custom environment
 * running   → messages pass through both ways
 * finished  → the file is over; Vitest listens to errors no longer, and an `error` would end its process
 * leaving   → `stop`: the worker tears itself down
 * ended     → no worker is left: it has gone, or never was
 */
type Mode = 'idle' | 'split' | 'waiting' | 'starting' | 'running' | 'finished' | 'leaving' | 'ended'

export class StandIn implements PoolWorker {
  readonly name = POOL_NAME
  readonly cacheFs: boolean
  readonly reportMemory: boolean
  readonly #pool: RealPoolName
  readonly #options: PoolWorkerOptions
  readonly #runOf: () => PoolRun
  // Three listeners at most. Node.js's EventEmitter takes half a kilobyte, which ten thousand waiting files feel.
  #listeners: readonly (readonly [event: string, listener: (value: unknown) => void])[] = []
  #mode: Mode = 'idle'
  #start: StartRequest | undefined
  #job: StandInJob | undefined
  #grant: Grant | undefined
  #worker: RealWorker | undefined
  /** It serves other files now, and may still wait for answers to what it asked for this one. */
  #former: RealWorker | undefined
  /** What Vitest is told only when it is known what the file left. */
  #verdict: Verdict | undefined
  /** A look at what the file left, while its process still lives. */
  #look: Promise<void> | undefined
  #off: () => void = () => {}
  #split: SplitRun | undefined

  constructor(pool: RealPoolName, options: PoolWorkerOptions, runOf: () => PoolRun) {
    this.#pool = pool
    this.#options = options
    this.#runOf = runOf
    const { cacheFs, reportMemory } = realPool(pool)
    this.cacheFs = cacheFs
    this.reportMemory = reportMemory
  }

  on(event: string, listener: (value: unknown) => void): void {
    this.#listeners = [...this.#listeners, [event, listener]]
  }

  off(event: string, listener: (value: unknown) => void): void {
    this.#listeners = this.#listeners.filter(([name, known]) => name !== event || known !== listener)
  }

  deserialize(message: unknown): unknown {
    return message
  }

  async start(): Promise<void> {}

  send(message: Parameters<PoolWorker['send']>[0]): void {
    if (!isRequest(message)) {
      if (isCancel(message)) this.#cancel()
      this.#verdict?.answered(answeredId(message))
      this.#split?.answer(message)
      const worker = this.#worker ?? (isCancel(message) ? undefined : this.#former)
      worker?.send(message)
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
        if (this.#mode === 'running' || this.#mode === 'finished') this.#leave(message)
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
    this.#job?.withdraw()
    await this.#split?.end()
    // Whoever waits for the lease gives it back.
    if (this.#worker === undefined) return
    await this.#worker.stop()
    await this.#gone()
  }

  async #run(request: RunRequest): Promise<void> {
    const run = this.#runOf()
    const job = (this.#job = run.job(this.#options.project, this.#pool, request))
    if (run.interrupted.aborted) return this.#drop()
    if (job.split !== undefined && (await this.#runSplit(job.split, request, run.interrupted))) return
    this.#mode = 'waiting'
    const grant = (this.#grant = await job.lease())
    // Cancelled while it waited: it has answered already.
    if (this.#mode !== 'waiting' || grant === undefined) return this.#giveBack()
    this.#mode = 'starting'
    try {
      const worker = await job.worker(grant, this.#start!, this.#options, (spawned) => {
        this.#listen(spawned, job, run.interrupted)
      })
      if ((this.#mode as Mode) !== 'starting') {
        await worker.stop()
        return this.#giveBack()
      }
      this.#mode = 'running'
      worker.send(request)
    } catch (error) {
      this.#giveBack()
      if (this.#mode === 'starting') this.#fail(error)
    }
  }

  /** True if the file is over: told in parts, or ended. */
  async #runSplit(split: FileSplit, request: RunRequest, interrupted: AbortSignal): Promise<boolean> {
    this.#mode = 'split'
    // Vitest's own word for it may come later.
    const interrupt = (): void => this.#cancel()
    interrupted.addEventListener('abort', interrupt)
    this.#split = new SplitRun({
      split,
      request,
      start: this.#start!,
      options: this.#options,
      say: (message) => this.#say(message),
    })
    const isTold = await this.#split.run()
    interrupted.removeEventListener('abort', interrupt)
    if (this.#mode !== 'split') return true
    if (isTold) this.#finish()
    else this.#split = undefined
    return isTold
  }

  #listen(worker: RealWorker, job: StandInJob, interrupted: AbortSignal): void {
    const interrupt = (): void => {
      this.#cancel()
      if (this.#mode === 'running') this.#finish()
    }
    const off = worker.listen({
      message: (message) => this.#hear(message, job),
      error: (error) => {
        if (this.#mode === 'running') this.#fail(error)
      },
      exit: (signal) => void this.#exited(signal, interrupted),
    })
    this.#worker = worker
    this.#off = () => {
      off()
      interrupted.removeEventListener('abort', interrupt)
    }
    interrupted.addEventListener('abort', interrupt)
  }

  #hear(message: unknown, job: StandInJob): void {
    // Vitest has had its `started` long ago.
    if (isResponse(message, 'started')) return
    if (isResponse(message, 'stopped')) return void this.#tornDown(message, job)
    if (!isResponse(message, 'testfileFinished')) return this.#pass(message, job)
    this.#mode = 'finished'
    const error = job.finished(message.usedMemory)
    if (this.#verdict === undefined) this.#share(job)
    this.#grant?.finished()
    const told = error === undefined || message.error !== undefined ? message : { ...message, error }
    if (this.#verdict === undefined) return this.#say(told)
    this.#verdict.end(told)
    // What Vitest would ask for next, had it been told.
    this.#leave({ type: 'stop', __vitest_worker_request__: true })
  }

  #pass(message: unknown, job: StandInJob): void {
    const heard = job.heard(message)
    if (heard !== KEPT_BACK) return this.#say(heard)
    this.#verdict ??= new Verdict((told) => this.#say(told))
    this.#verdict.keep(message)
    // The worker goes on as if Vitest had heard it.
    this.#worker?.send(answerTo(message))
  }

  // Whoever hears of it ends the worker: now is the last moment at which everything that closes by itself has closed,
  // fixtures of the worker and environments too, and what was forgotten is still open.
  async #tornDown(message: unknown, job: StandInJob): Promise<void> {
    await (this.#look ??= job.tornDown())
    if (this.#mode !== 'leaving') return
    if (this.#verdict === undefined) this.#say(message)
    else await this.#worker?.stop()
  }

  // A worker that may serve the lane's next file is kept before the lane is free; Vitest need not know.
  #share(job: StandInJob): void {
    if (this.#worker === undefined || !job.keep(this.#worker)) return
    this.#off()
    this.#former = this.#worker
    this.#worker = undefined
    this.#giveBack()
  }

  #leave(message: StopRequest): void {
    const worker = this.#worker
    if (worker === undefined) return this.#say(response('stopped'))
    this.#mode = 'leaving'
    worker.send(message)
    // Vitest only complains of a worker that takes longer than this, and would leave it behind (4.1.12).
    const timer = setTimeout(() => void worker.stop(), this.#options.project.vitest.config.teardownTimeout)
    void worker.exited.then(() => clearTimeout(timer))
  }

  async #exited(signal: unknown, interrupted: AbortSignal): Promise<void> {
    const mode = this.#mode
    if (mode === 'starting') return
    const gone = this.#gone()
    if (mode === 'running' && signal === 'SIGINT') await aborted(interrupted, SAME_SIGNAL)
    const unexpected = this.#mode === 'running'
    if (mode === 'leaving' && this.#verdict !== undefined) {
      await gone
      await this.#verdict.tell((told) => this.#job!.verdict(told))
      if (this.#mode === 'leaving') this.#mode = 'ended'
      return
    }
    this.#mode = 'ended'
    if (mode === 'leaving') return this.#say(response('stopped'))
    if (!unexpected) return
    this.#fail(exitError(this.#job!.file, signal))
  }

  #cancel(): void {
    if (this.#mode !== 'split' && this.#mode !== 'waiting' && this.#mode !== 'starting') return
    this.#drop()
    void this.#split?.end()
  }

  /** The file will not begin, and Vitest counts it among those that were cancelled. */
  #drop(): void {
    this.#job?.cancelled()
    this.#finish()
  }

  /** For Vitest the file is over; it stops us next. */
  #finish(): void {
    this.#mode = 'ended'
    this.#say(response('testfileFinished'))
  }

  #fail(error: unknown): void {
    this.#mode = 'ended'
    this.#job?.failed(error)
    this.#emit('error', error)
  }

  /** The worker has gone. An instance is not cleaned while it is looked at. */
  async #gone(): Promise<void> {
    if (this.#look !== undefined) await this.#look
    this.#giveBack()
    await this.#job?.gone()
  }

  #giveBack(): void {
    this.#grant?.finished()
    this.#grant?.exited()
  }

  #say(message: unknown): void {
    this.#emit('message', message)
  }

  #emit(event: string, value?: unknown): void {
    for (const [name, listener] of this.#listeners) if (name === event) listener(value)
  }
}
