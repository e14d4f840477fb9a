import { totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { LanesError } from '@vitest-lanes/core'
import type { TestProject } from 'vitest/node'
import type { FileClock } from '../run/recorder.ts'
import type { Grant, Job, Scheduler } from '../run/scheduler.ts'
import type { PoolWorkerOptions, RunRequest, StartRequest } from '../vitest/messages.ts'
import type { RealPoolName } from '../vitest/real-pools.ts'
import type { KeptWorkers } from './kept-workers.ts'
import { RealWorker } from './real-worker.ts'
import type { StandInJob } from './run.ts'

const REFUSE = fileURLToPath(new URL('../worker/refuse.js', import.meta.url))
/** Text of the error with which a worker refuses to run its file. */
const REFUSED = 'VITEST_LANES_REFUSED'

export interface FileJobOptions {
  readonly project: TestProject
  readonly pool: RealPoolName
  readonly request: RunRequest
  readonly job: Job
  readonly scheduler: Scheduler
  readonly kept: KeptWorkers
  readonly lanes: number
}

/** Takes one file from its lease to its end. */
export function createFileJob(options: FileJobOptions): StandInJob {
  const { project, pool, request, job, scheduler, kept, lanes } = options
  const clock: FileClock = job.clock
  // What a process must have in common with the next file's to run it too.
  const key =
    project.config.isolate || job.claims.length > 0 || request.type === 'collect'
      ? undefined
      : JSON.stringify([project.name, pool, request.context.environment])
  if (key !== undefined) kept.expect(key)
  let usedMemory = 0

  return {
    lease: async () => {
      const grant = await scheduler.request(job)
      if (grant === undefined && key !== undefined) kept.served(key)
      return grant
    },
    async worker(grant, start, workerOptions) {
      const old = await kept.take(grant.lane, key)
      if (key !== undefined) kept.served(key)
      if (old !== undefined) {
        clock.started(old.pid)
        return old
      }
      const worker = new RealWorker(pool, withLease(workerOptions, grant))
      await worker.start(startInLane(start, pool, grant, lanes)).catch(async (error: unknown) => {
        await worker.stop().catch(() => {})
        throw error
      })
      clock.started(worker.pid)
      return worker
    },
    finished(grant, memory) {
      usedMemory = memory ?? 0
      if (grant.failure !== undefined) clock.failed(grant.failure)
      const lost = grant.lost()
      if (lost === undefined) return undefined
      const error = new LanesError('LANES_INSTANCE_LOST', lost, {
        hint: 'The instance is replaced for the files after this one. Run the file again to see whether it does this.',
      })
      clock.failed(error)
      return error
    },
    cancelled: () => {
      scheduler.withdraw(job.id)
      // Vitest marks files that it never started as cancelled; it believes that this one was (4.1.12, 5.1.1).
      project.vitest.state.cancelFiles(request.context.files, project)
    },
    withdraw: () => scheduler.withdraw(job.id),
    // A VM context is never freed by V8 for certain: Vitest ends such workers by their memory, and so do we.
    keep: (worker, grant) =>
      key !== undefined && usedMemory < totalmem() / (2 * lanes) && kept.keep(worker, grant.lane, key),
  }
}

function withLease(options: PoolWorkerOptions, grant: Grant): PoolWorkerOptions {
  const refused = grant.failure === undefined ? {} : { [REFUSED]: grant.failure.message }
  return { ...options, env: { ...options.env, ...grant.env, ...refused } }
}

function startInLane(start: StartRequest, pool: RealPoolName, grant: Grant, lanes: number): StartRequest {
  // A worker copies the `test.env` of the configuration over its environment (4.1.12, 5.1.1): the lease goes last.
  const env = { ...start.context.config.env, ...grant.env }
  const config = { ...start.context.config, maxWorkers: lanes, pool, env }
  if (grant.failure !== undefined) config.setupFiles = [REFUSE, ...config.setupFiles]
  return { ...start, poolId: grant.lane, context: { ...start.context, pool, config } }
}
