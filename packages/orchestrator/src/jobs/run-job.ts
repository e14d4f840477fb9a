import { type Job, UnrecoverableError } from 'bullmq'
import { getPool } from '../clients.ts'
import { JobTimeoutError } from '../errors.ts'
import { toAttempt } from '../queue.ts'
import type { TextModel } from '../text-model.ts'
import { isJobType, type JobType, parseJobData } from './catalogue.ts'
import { createJobContext, type JobHandler, saveProgress } from './context.ts'
import { HANDLERS } from './handlers.ts'

/**
 * Makes one attempt at a job: its row says `active` before its handler starts.
 * @throws whatever ends the attempt; `UnrecoverableError` if no attempt can succeed.
 */
export async function runJob(job: Job, model: TextModel): Promise<unknown> {
  if (!isJobType(job.name)) throw new UnrecoverableError(`There is no job type ${job.name}`)
  const attempt = toAttempt(job)
  await saveProgress(getPool(), attempt, 0)
  const timeoutMs: number | undefined = job.data.timeoutMs
  const signal = timeoutMs === undefined ? new AbortController().signal : AbortSignal.timeout(timeoutMs)
  try {
    const data = parseStored(job.name, job)
    const handler: JobHandler = HANDLERS[job.name]
    return await handler(createJobContext({ job, attempt, data, signal, model, db: getPool() }))
  } catch (error) {
    if (signal.aborted && timeoutMs !== undefined) throw new JobTimeoutError(attempt.jobId, timeoutMs)
    throw error
  }
}

function parseStored(type: JobType, job: Job) {
  try {
    return parseJobData(type, job.data)
  } catch (cause) {
    throw new UnrecoverableError(`Job ${job.id} has data that are not valid for ${type}: ${String(cause)}`)
  }
}
