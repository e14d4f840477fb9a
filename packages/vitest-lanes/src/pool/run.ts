import type { TestProject } from 'vitest/node'
import type { Grant } from '../run/scheduler.ts'
import type { PoolWorkerOptions, RunRequest, StartRequest } from '../vitest/messages.ts'
import type { RealPoolName } from '../vitest/real-pools.ts'
import type { RealWorker } from './real-worker.ts'
import type { FileSplit } from './split/file-split.ts'

/** In the place of a message that is kept back. */
export const KEPT_BACK = Symbol('kept back')

/** One file, as its stand-in sees it. */
export interface StandInJob {
  /** From the root. */
  readonly file: string
  /** How it runs in parts; undefined where it runs whole. */
  readonly split: FileSplit | undefined
  /** Resolves when the file may run; with `undefined` if it was withdrawn. */
  lease(): Promise<Grant | undefined>
  /**
   * A real worker for it, started: one kept in the lane where there is one, else a new one.
   * @param spawned is called before it starts, so that nothing that it says meanwhile is lost
   */
  worker(
    grant: Grant,
    start: StartRequest,
    options: PoolWorkerOptions,
    spawned: (worker: RealWorker) => void,
  ): Promise<RealWorker>
  /**
   * What Vitest is to hear of what the worker says about the file. `KEPT_BACK` for a message that tells how it ended and
   * waits until it is known what the file left: then it goes through `verdict`.
   */
  heard(message: unknown): unknown
  verdict(message: unknown): unknown
  /** Its imports have run, and its tests are known. */
  collected(): void
  /** The worker has torn itself down and lives: looks at what the file left. */
  tornDown(): Promise<void>
  /** The worker has gone. Resolves when it is known what has outlived it. */
  gone(): Promise<void>
  /** The worker has run the file. Returns what Vitest must be told beside, such as a server that died meanwhile. */
  finished(usedMemory: number | undefined): Error | undefined
  /** The worker could not run the file, or not to its end. */
  failed(error: unknown): void
  /** The run was cancelled before the file began. */
  cancelled(): void
  /** The file no longer wants to run. */
  withdraw(): void
  /** Keeps the worker for the lane's next file, where Vitest would have shared it. */
  keep(worker: RealWorker): boolean
}

/** The run that stand-ins belong to. */
export interface PoolRun {
  /** Aborted when the whole run has to end now, whatever its files do. */
  readonly interrupted: AbortSignal
  /** `start` with a configuration that all files of the project share: ten thousand copies of it are a lot of memory. */
  share(project: TestProject, start: StartRequest): StartRequest
  job(project: TestProject, pool: RealPoolName, request: RunRequest): StandInJob
}
