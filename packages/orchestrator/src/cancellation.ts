import type { Job } from 'bullmq'
import { getPool } from './clients.ts'
import { JobNotFoundError, JobStateError } from './errors.ts'
import {
  findJobStatus,
  type JobStatus,
  reopenJob,
  requestCancellation,
  saveJobState,
} from './jobs/job-status.ts'
import { isFinished } from './jobs/states.ts'
import { getQueue, toAttempt } from './queue.ts'

/** `cancelled`: it had not started. `cancelling`: it runs, and stops before its next step. */
export type Cancellation = 'cancelled' | 'cancelling'

/**
 * Cancels a job: one that has not started is taken out of the queue at once, a running one stops before its next step.
 * @throws JobNotFoundError; JobStateError if it has finished.
 */
export async function cancelJob(jobId: string): Promise<Cancellation> {
  const before = await findJobStatus(getPool(), jobId)
  if (!before) throw new JobNotFoundError(jobId)
  if (isFinished(before.state))
    throw new JobStateError(`Job ${jobId} cannot be cancelled: it has ${before.state}`)

  // The flag first: if a worker takes the job meanwhile, it sees the flag before its first step.
  await requestCancellation(getPool(), jobId)
  const job: Job | undefined = await getQueue().getJob(jobId)
  if (!job || !(await removeIfIdle(job))) return 'cancelling'
  await saveJobState(getPool(), toAttempt(job), { state: 'cancelled', error: 'Cancelled before it started' })
  return 'cancelled'
}

const IDLE: ReadonlySet<string> = new Set(['waiting', 'prioritized', 'delayed', 'waiting-children'])

async function removeIfIdle(job: Job): Promise<boolean> {
  if (!IDLE.has(await job.getState())) return false
  try {
    await job.remove()
    return true
  } catch {
    // A worker has locked it since: the running job sees the flag.
    return false
  }
}

/**
 * Puts a failed job back into the queue, with all its attempts to come.
 * @throws JobNotFoundError; JobStateError if it has not failed, or the queue no longer has it.
 */
export async function retryJob(jobId: string): Promise<JobStatus> {
  const status = await findJobStatus(getPool(), jobId)
  if (!status) throw new JobNotFoundError(jobId)
  if (status.state !== 'failed' && status.state !== 'cancelled') {
    throw new JobStateError(`Job ${jobId} cannot be retried: it is ${status.state}`)
  }
  const job: Job | undefined = await getQueue().getJob(jobId)
  if (!job || !(await job.isFailed()))
    throw new JobStateError(`Job ${jobId} cannot be retried: the queue no longer has it`)
  await reopenJob(getPool(), jobId)
  await job.retry('failed', { resetAttemptsMade: true })
  return {
    ...status,
    state: 'waiting',
    error: null,
    result: null,
    progress: 0,
    cancelRequested: false,
    finishedAt: null,
  }
}
