import type { Job } from 'bullmq'

/** A job that was waited for has failed for good. The message begins with the reason that the job gives. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError'
  readonly jobId: string
  readonly failedReason: string

  constructor(job: Job | undefined, id: string, queue: string, failedReason = 'no reason was kept') {
    const name = job === undefined ? '' : ` (${job.name})`
    const attempts = job === undefined || job.attemptsMade === 1 ? '' : ` after ${job.attemptsMade} attempts`
    super(`${failedReason}\n  job ${id}${name} of queue ${queue} has failed${attempts}`)
    this.jobId = id
    this.failedReason = failedReason
    // Where it failed says more than where it was waited for.
    const trace = job?.stacktrace?.at(-1)
    if (trace !== undefined) this.cause = Object.assign(new Error(failedReason), { stack: trace })
  }
}
