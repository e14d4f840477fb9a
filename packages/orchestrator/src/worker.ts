import { DelayedError, type Job, type RateLimiterOptions, Worker } from 'bullmq'
import { getPool } from './clients.ts'
import { setCourseStatus } from './courses/repository.ts'
import { JobCancelledError, ModelBusyError } from './errors.ts'
import { runJob } from './jobs/run-job.ts'
import { saveJobState } from './jobs/job-status.ts'
import { idOf, QUEUE_NAME, queueOptions, toAttempt } from './queue.ts'
import { createTemplateModel, type TextModel } from './text-model.ts'

export interface WorkerSettings {
  /** How many jobs it runs at once; 4. */
  readonly concurrency?: number
  /** At most `max` jobs in `duration` milliseconds, over all workers of the queue. */
  readonly limiter?: RateLimiterOptions
  /** Milliseconds after which a job whose worker gives no sign of life is free again; 30,000. */
  readonly lockDuration?: number
  /** Milliseconds between looks for such jobs; 30,000. */
  readonly stalledInterval?: number
  /** What writes the lessons; a template when left out. */
  readonly model?: TextModel
  /** Hears of what fails beside the jobs themselves; prints one line when left out. */
  readonly onError?: (error: Error) => void
}

export interface RunningWorker {
  /** BullMQ's worker, for its events. */
  readonly worker: Worker
  /** Resolves when the outcome of each job that has ended so far is in the database. */
  settled(): Promise<void>
  /** Takes no more jobs, waits for those that run and for their outcomes to be written. */
  close(): Promise<void>
}

/** Starts a worker on the queue. Resolves when it takes jobs. */
export async function startWorker(settings: WorkerSettings = {}): Promise<RunningWorker> {
  const { model = createTemplateModel(), onError = printError } = settings
  // BullMQ does not wait for its listeners. What they write is kept here by job, so that neither `close` nor the next
  // attempt at the job overtakes it.
  const writes = new Map<string, Promise<void>>()
  const write = (job: Job, outcome: Promise<unknown>) => {
    const written = outcome
      .then(() => {}, onError)
      .finally(() => {
        if (writes.get(idOf(job)) === written) writes.delete(idOf(job))
      })
    writes.set(idOf(job), written)
  }
  const settled = async () => {
    while (writes.size > 0) await Promise.all(writes.values())
  }

  const worker: Worker = new Worker(
    QUEUE_NAME,
    async (job, token) => {
      await writes.get(idOf(job))
      return runJob(job, model).catch((error) => postponeIfBusy(error, job, token))
    },
    { ...queueOptions(), ...workerSettings(settings) },
  )
  worker.on('completed', (job, result) => write(job, saveCompleted(job, result)))
  worker.on('failed', (job, error) => job && write(job, saveFailed(job, error)))
  worker.on('error', onError)

  await worker.waitUntilReady()
  return {
    worker,
    settled,
    async close() {
      await worker.close()
      await settled()
    },
  }
}

function workerSettings({ concurrency = 4, limiter, lockDuration, stalledInterval }: WorkerSettings) {
  return {
    concurrency,
    // Seconds. On a busy machine a worker can miss that a delayed job is due (seen on BullMQ 5.81): it looks again then.
    drainDelay: 1,
    ...(limiter === undefined ? {} : { limiter }),
    ...(lockDuration === undefined ? {} : { lockDuration }),
    ...(stalledInterval === undefined ? {} : { stalledInterval }),
  }
}

/** Puts a job whose model asks for a pause back for so long; that costs no attempt. Throws any other error on. */
async function postponeIfBusy(error: unknown, job: Job, token: string | undefined): Promise<never> {
  if (!(error instanceof ModelBusyError)) throw error
  await saveJobState(getPool(), toAttempt(job), { state: 'waiting', error: error.message })
  await job.moveToDelayed(Date.now() + error.retryAfterMs, token)
  throw new DelayedError()
}

async function saveCompleted(job: Job, result: unknown): Promise<void> {
  await saveJobState(getPool(), toAttempt(job), { state: 'completed', progress: 100, result })
}

async function saveFailed(job: Job, error: Error): Promise<void> {
  const attempt = toAttempt(job)
  if (error instanceof JobCancelledError) {
    await saveJobState(getPool(), attempt, { state: 'cancelled', error: error.message })
    return
  }
  // BullMQ sets `finishedOn` only when no attempt is left.
  const state = job.finishedOn === undefined ? 'retrying' : 'failed'
  await saveJobState(getPool(), attempt, { state, error: error.message })
  if (state === 'failed' && attempt.courseId !== null) {
    await setCourseStatus(getPool(), attempt.courseId, 'failed')
  }
}

function printError(error: Error): void {
  console.error(`orchestrator worker: ${error.message}`)
}
