import { totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { LanesError } from '@vitest-lanes/core'
import type { TestProject } from 'vitest/node'
import type { Grant, Job, Scheduler } from '../run/scheduler.ts'
import { queuedId, withFailure } from '../vitest/messages.ts'
import type { PoolWorkerOptions, RunRequest, StartRequest } from '../vitest/messages.ts'
import type { RealPoolName } from '../vitest/real-pools.ts'
import type { KeptWorkers } from './kept-workers.ts'
import type { LiveWorkers } from './live-workers.ts'
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
  readonly live: LiveWorkers
  readonly lanes: number
}

/** Takes one file from its lease to its end. */
export function createFileJob(options: FileJobOptions): StandInJob {
  const { project, pool, request, job, scheduler, kept, live, lanes } = options
  const { clock } = job
  // What a process must have in common with the next file's to run it too.
  const key =
    project.config.isolate || scheduler.holdsInstances(job) || request.type === 'collect'
      ? undefined
      : JSON.stringify([project.name, pool, request.context.environment])
  if (key !== undefined) kept.expect(key)
  let grant: Grant | undefined
  let task: string | undefined
  let lost: LanesError | undefined
  let usedMemory = 0

  function findLost(): LanesError | undefined {
    const how = grant?.lost()
    if (lost !== undefined || how === undefined) return lost
    lost = new LanesError('LANES_INSTANCE_LOST', how, {
      hint: 'It is replaced for the files after this one. Run this file again to see whether it is the cause.',
    })
    clock.failed(lost)
    return lost
  }

  async function start(worker: RealWorker, request: StartRequest): Promise<void> {
    live.add(worker)
    try {
      await worker.start(request)
    } catch (error) {
      await worker.stop().catch(() => {})
      throw error
    }
  }

  return {
    lease: async () => {
      grant = await scheduler.request(job)
      if (grant === undefined && key !== undefined) kept.served(key)
      return grant
    },
    async worker(to, startRequest, workerOptions, spawned) {
      const old = await kept.take(to.lane, key)
      if (key !== undefined) kept.served(key)
      const worker = old ?? new RealWorker(pool, withLease(workerOptions, to))
      spawned(worker)
      if (old === undefined) await start(worker, startInLane(startRequest, pool, to, lanes))
      clock.started(worker.pid)
      return worker
    },
    heard(message) {
      task ??= queuedId(message)
      const error = task === undefined ? undefined : findLost()
      return error === undefined ? message : withFailure(message, task!, shown(error))
    },
    finished(memory) {
      usedMemory = memory ?? 0
      if (grant?.failure !== undefined) clock.failed(grant.failure)
      const known = lost
      // Known before: the file itself has been reported as failed.
      return known === undefined ? findLost() : undefined
    },
    failed: (error) => clock.failed(error instanceof Error ? error : new Error(String(error))),
    cancelled() {
      scheduler.withdraw(job.id)
      // Vitest marks files that it never started as cancelled; it believes that this one was (4.1.12, 5.1.1).
      project.vitest.state.cancelFiles(request.context.files, project)
    },
    withdraw: () => scheduler.withdraw(job.id),
    // A VM context is never freed by V8 for certain: Vitest ends such workers by their memory, and so do we.
    keep: (worker) =>
      key !== undefined && usedMemory < totalmem() / (2 * lanes) && kept.keep(worker, grant!.lane, key),
  }
}

function shown({ name, message }: Error): { name: string; message: string; stack: string } {
  // Where it was made means nothing to the reader.
  return { name, message, stack: `${name}: ${message}` }
}

function withLease(options: PoolWorkerOptions, grant: Grant): PoolWorkerOptions {
  const refused = grant.failure === undefined ? {} : { [REFUSED]: grant.failure.message }
  return { ...options, env: { ...options.env, ...grant.env, ...refused } }
}

function startInLane(start: StartRequest, pool: RealPoolName, grant: Grant, lanes: number): StartRequest {
  const config = { ...start.context.config, maxWorkers: lanes, pool }
  if (grant.failure !== undefined) config.setupFiles = [REFUSE, ...config.setupFiles]
  return { ...start, poolId: grant.lane, context: { ...start.context, pool, config } }
}
