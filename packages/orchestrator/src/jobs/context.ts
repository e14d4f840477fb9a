import type { Job } from 'bullmq'
import type { Database } from '../clients.ts'
import { JobCancelledError, JobSupersededError } from '../errors.ts'
import type { TextModel } from '../text-model.ts'
import type { JobData, JobType } from './catalogue.ts'
import { type JobAttempt, saveJobState } from './job-status.ts'

/** What a handler works with. */
export interface JobContext<T extends JobType = JobType> {
  readonly jobId: string
  readonly data: JobData<T>
  /** Which try this is, from 1; tries that ended in a pause or with a lost worker are not counted. */
  readonly attempt: number
  /** Aborted when the attempt has run out of time, or the worker shuts down. */
  readonly signal: AbortSignal
  readonly model: TextModel
  readonly db: Database
  /**
   * Ends a step: writes the progress (per cent), and stops the job if its cancellation was asked for.
   * @throws JobCancelledError
   */
  readonly step: (progress: number) => Promise<void>
  /** What the job's children returned. */
  readonly childResults: () => Promise<unknown[]>
}

export type JobHandler<T extends JobType = JobType> = (context: JobContext<T>) => Promise<unknown>

interface ContextParts<T extends JobType> {
  readonly job: Job
  readonly attempt: JobAttempt
  readonly data: JobData<T>
  readonly signal: AbortSignal
  readonly model: TextModel
  readonly db: Database
}

export function createJobContext<T extends JobType>(parts: ContextParts<T>): JobContext<T> {
  const { job, attempt, db } = parts
  return {
    jobId: attempt.jobId,
    data: parts.data,
    attempt: job.attemptsMade + 1,
    signal: parts.signal,
    model: parts.model,
    db,
    async step(progress) {
      await saveProgress(db, attempt, progress)
      await job.updateProgress(progress)
    },
    async childResults() {
      return Object.values(await job.getChildrenValues())
    },
  }
}

/** Marks the attempt as running, so many per cent done; throws if it shall not go on. */
export async function saveProgress(db: Database, attempt: JobAttempt, progress: number): Promise<void> {
  const row = await saveJobState(db, attempt, { state: 'active', progress })
  if (!row) throw new JobSupersededError(attempt.jobId, attempt.attempt)
  if (row.cancelRequested) throw new JobCancelledError(attempt.jobId)
}
