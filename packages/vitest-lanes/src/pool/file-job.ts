import { totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { LanesError } from '@vitest-lanes/core'
import type { Finding } from '@vitest-lanes/core'
import type { TestProject } from 'vitest/node'
import { watchFile } from '../findings/file-watch.ts'
import type { FileWatch } from '../findings/file-watch.ts'
import { WATCH_OPTION } from '../findings/watch.ts'
import type { Watch } from '../findings/watch.ts'
import { withEnv } from '../providers/with-env.ts'
import type { Grant, Job, Scheduler } from '../run/scheduler.ts'
import { mayArriveLate, mayBootAhead } from '../vitest/bootable.ts'
import { queuedId, tellsEnd, withFailure } from '../vitest/messages.ts'
import { tellSnapshots } from '../vitest/transcript.ts'
import type { SnapshotResult } from '../vitest/transcript.ts'
import type { PoolWorkerOptions, RunRequest, StartRequest } from '../vitest/messages.ts'
import type { RealPoolName } from '../vitest/real-pools.ts'
import type { AheadWorkers } from './ahead-workers.ts'
import type { CompileCache } from './compile-cache.ts'
import type { KeptWorkers } from './kept-workers.ts'
import type { LiveWorkers } from './live-workers.ts'
import { RealWorker } from './real-worker.ts'
import { KEPT_BACK } from './run.ts'
import type { StandInJob } from './run.ts'
import type { FileSplit } from './split/file-split.ts'

const REFUSE = fileURLToPath(new URL('../worker/refuse.js', import.meta.url))
/** Text of the error with which a worker refuses to run its file. */
const REFUSED = 'VITEST_LANES_REFUSED'
/** A process with a longer variable cannot be started; in characters. */
const MOST_REFUSED = 16_000

export interface FileJobOptions {
  readonly project: TestProject
  readonly pool: RealPoolName
  readonly request: RunRequest
  readonly job: Job
  readonly scheduler: Scheduler
  readonly kept: KeptWorkers
  readonly ahead: AheadWorkers
  readonly compiled: CompileCache
  readonly live: LiveWorkers
  readonly lanes: number
  /** From Vitest's root. */
  readonly file: string
  readonly watch: Watch
  readonly find: (finding: Finding) => void
  /** How it runs in parts. */
  readonly split?: FileSplit | undefined
  /** Is told what its snapshots came to. */
  readonly compared?: (snapshots: SnapshotResult) => void
}

/**
 * Takes one file from its lease to its end.
 * A class for its size: there is one for each of ten thousand files.
 */
export class FileJob implements StandInJob {
  readonly #options: FileJobOptions
  /** What a process must have in common with the next file's to run it too; undefined: it runs this one alone. */
  readonly #key: string | undefined
  /** What a process must be to run this file alone; undefined: one that is spawned with the lease's variables. */
  readonly #kind: string | undefined
  /** It is counted among those that will want one. */
  #isExpected = false
  #grant: Grant | undefined
  /** The id of the file's task. */
  #task: string | undefined
  #lost: LanesError | undefined
  #watch: FileWatch | undefined
  /** Vitest has heard that the file failed because of it. */
  #told = false
  #usedMemory = 0

  constructor(options: FileJobOptions) {
    this.#options = options
    this.#key = workerKey(options)
    if (this.#key !== undefined) options.kept.expect(this.#key)
    this.#kind = this.#key === undefined ? bootKind(options) : undefined
  }

  get file(): string {
    return this.#options.file
  }

  get split(): FileSplit | undefined {
    return this.#options.split
  }

  async lease(): Promise<Grant | undefined> {
    const { scheduler, job, ahead } = this.#options
    if (this.#kind !== undefined) {
      ahead.expect(this.#kind)
      this.#isExpected = true
    }
    this.#grant = await scheduler.request(job)
    if (this.#grant === undefined) {
      this.#served()
      this.#servedAhead()
    }
    return this.#grant
  }

  async worker(
    grant: Grant,
    start: StartRequest,
    options: PoolWorkerOptions,
    spawned: (worker: RealWorker) => void,
  ): Promise<RealWorker> {
    const { pool, job, kept, live, lanes, compiled } = this.#options
    const old = await kept.take(grant.lane, this.#key)
    await compiled.opened
    this.#served()
    const fileWatch = (this.#watch = await this.#watchWith(old, grant))
    const watched = fileWatch?.variables(withEnv(options.env, grant.env)) ?? {}
    const env = leaseEnv(options.env, grant, watched)
    const nodeOptions = env['NODE_OPTIONS'] ?? options.env['NODE_OPTIONS'] ?? ''
    const isLate = mayArriveLate(nodeOptions.replace(WATCH_OPTION, ''), grant.env)
    const worker = old ?? (isLate ? this.#takeAhead(nodeOptions) : undefined) ?? this.#newWorker(options, env)
    this.#servedAhead()
    if (isLate) this.#prepareNext(options, nodeOptions)
    fileWatch?.remember(worker)
    spawned(worker)
    if (old === undefined) {
      live.add(worker)
      const vacated = live.enter(worker, grant.lane)
      await startOrStop(worker, startInLane(start, pool, grant, { lanes, env }), vacated)
    }
    job.clock.started(worker.pid)
    return worker
  }

  heard(message: unknown): unknown {
    const { compared } = this.#options
    if (compared !== undefined) tellSnapshots(message, compared)
    this.#task ??= queuedId(message)
    if (this.#task === undefined || !tellsEnd(message, this.#task)) return message
    if (this.#watch?.delaysVerdict !== true) return this.verdict(message)
    // It will be told with the verdict.
    this.#told = true
    return KEPT_BACK
  }

  verdict(message: unknown): unknown {
    const lost = this.#findLost()
    const errors = [lost, this.#watch?.lookAtUse(), this.#watch?.leaked].filter(
      (error) => error !== undefined,
    )
    if (errors[0] !== undefined) this.failed(errors[0])
    this.#told ||= lost !== undefined
    return errors.reduce((heard, error) => withFailure(heard, this.#task!, shown(error)), message)
  }

  collected(): void {
    this.#options.job.clock.note('collected')
  }

  async tornDown(): Promise<void> {
    await this.#watch?.lookAtInstances()
  }

  async gone(): Promise<void> {
    await this.#watch?.lookAtProcesses()
  }

  finished(usedMemory: number | undefined): Error | undefined {
    this.#usedMemory = usedMemory ?? 0
    this.#watch?.lookAtUse()
    const failure = this.#grant?.failure
    if (failure !== undefined) this.failed(failure)
    const error = this.#findLost()
    return this.#told ? undefined : error
  }

  failed(error: unknown): void {
    this.#options.job.clock.failed(error instanceof Error ? error : new Error(String(error)))
  }

  cancelled(): void {
    const { project, request } = this.#options
    this.withdraw()
    // Vitest marks files that it never started as cancelled; it believes that this one was (4.1.12, 5.1.1).
    project.vitest.state.cancelFiles(request.context.files, project)
  }

  withdraw(): void {
    const { scheduler, job } = this.#options
    scheduler.withdraw(job.id)
    this.#servedAhead()
  }

  // A VM context is never freed by V8 for certain: Vitest ends such workers by their memory, and so do we.
  keep(worker: RealWorker): boolean {
    const { kept, scheduler } = this.#options
    if (this.#key === undefined || this.#usedMemory >= totalmem() / (2 * scheduler.lanes)) return false
    return kept.keep(worker, this.#grant!.lane, this.#key)
  }

  #watchWith(worker: RealWorker | undefined, grant: Grant): Promise<FileWatch> | undefined {
    const { watch, project, request, file, job, find } = this.#options
    const isAlone = this.#key === undefined
    const path = request.context.files[0]!.filepath
    const { claims } = job
    if (request.type === 'collect' || grant.failure !== undefined) return undefined
    return watchFile({ watch, worker, project, path, file, claims, grant, isAlone, find })
  }

  #served(): void {
    if (this.#key !== undefined) this.#options.kept.served(this.#key)
  }

  #servedAhead(): void {
    if (this.#kind === undefined || !this.#isExpected) return
    this.#isExpected = false
    this.#options.ahead.served(this.#kind)
  }

  #takeAhead(nodeOptions: string): RealWorker | undefined {
    if (this.#kind === undefined) return undefined
    const worker = this.#options.ahead.take(this.#kind, nodeOptions)
    this.#options.job.clock.tookAhead(worker?.pid)
    return worker
  }

  /** While this file runs, a process for one that waits comes up. */
  #prepareNext(options: PoolWorkerOptions, nodeOptions: string): void {
    const { ahead, live } = this.#options
    if (this.#kind === undefined) return
    ahead.prepare(this.#kind, nodeOptions, () => {
      const worker = this.#newWorker(options, nodeOptions === '' ? {} : { NODE_OPTIONS: nodeOptions })
      live.add(worker)
      return worker
    })
  }

  #newWorker(options: PoolWorkerOptions, env: Readonly<Record<string, string>>): RealWorker {
    const { pool, project, compiled } = this.#options
    return new RealWorker(pool, compiled.given(project, { ...options, env: { ...options.env, ...env } }))
  }

  #findLost(): LanesError | undefined {
    const how = this.#grant?.lost()
    if (this.#lost !== undefined || how === undefined) return this.#lost
    this.#lost = new LanesError('LANES_INSTANCE_LOST', how, {
      hint: 'It is replaced for the files after this one. Run this file again to see whether it is the cause.',
    })
    this.failed(this.#lost)
    return this.#lost
  }
}

function workerKey({ project, pool, request, job, scheduler }: FileJobOptions): string | undefined {
  if (project.config.isolate || scheduler.holdsInstances(job) || request.type === 'collect') return undefined
  return JSON.stringify([project.name, pool, request.context.environment])
}

function bootKind({ project, pool, request }: FileJobOptions): string | undefined {
  const { environment } = request.context
  if (request.type === 'collect' || !mayBootAhead(project, environment.name)) return undefined
  return JSON.stringify([project.name, pool, environment.name])
}

async function startOrStop(worker: RealWorker, request: StartRequest, vacated: Promise<void>): Promise<void> {
  try {
    await worker.start(request, vacated)
  } catch (error) {
    await worker.stop().catch(() => {})
    throw error
  }
}

function shown({ name, message }: Error): { name: string; message: string; stack: string } {
  // Where it was made means nothing to the reader.
  return { name, message, stack: `${name}: ${message}` }
}

/** What a worker is given for its lease, on top of its own environment. */
function leaseEnv(
  env: NodeJS.ProcessEnv,
  grant: Grant,
  watched: Readonly<Record<string, string>>,
): Record<string, string> {
  const refused =
    grant.failure === undefined ? {} : { [REFUSED]: grant.failure.message.slice(0, MOST_REFUSED) }
  const { NODE_OPTIONS } = withEnv(env, grant.env)
  return { ...grant.env, ...(NODE_OPTIONS !== undefined && { NODE_OPTIONS }), ...watched, ...refused }
}

function startInLane(
  start: StartRequest,
  pool: RealPoolName,
  grant: Grant,
  { lanes, env }: { readonly lanes: number; readonly env: Readonly<Record<string, string>> },
): StartRequest {
  const { config: given } = start.context
  // A worker copies the `test.env` of the configuration over its environment (4.1.12, 5.1.1): the lease goes last.
  const config = { ...given, maxWorkers: lanes, pool, env: { ...given.env, ...env } }
  if (grant.failure !== undefined) config.setupFiles = [REFUSE, ...config.setupFiles]
  return { ...start, poolId: grant.lane, context: { ...start.context, pool, config } }
}
