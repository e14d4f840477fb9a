import { UnrecoverableError } from 'bullmq'

/** Thrown inside a running job whose cancellation was asked for; never retried. */
export class JobCancelledError extends UnrecoverableError {
  override readonly name = 'JobCancelledError'

  constructor(jobId: string) {
    super(`Job ${jobId} was cancelled`)
  }
}

/** No such job for this tenant. */
export class JobNotFoundError extends Error {
  override readonly name = 'JobNotFoundError'

  constructor(jobId: string) {
    super(`Job ${jobId} not found`)
  }
}

/** The job is in a state in which that cannot be done. */
export class JobStateError extends Error {
  override readonly name = 'JobStateError'
}

/** An attempt took longer than its `timeoutMs`. */
export class JobTimeoutError extends Error {
  override readonly name = 'JobTimeoutError'

  constructor(jobId: string, timeoutMs: number) {
    super(`Job ${jobId} took longer than ${timeoutMs} ms`)
  }
}

/** A later attempt at the same job has begun: this one has nothing left to say. */
export class JobSupersededError extends Error {
  override readonly name = 'JobSupersededError'

  constructor(jobId: string, attempt: number) {
    super(`Attempt ${attempt} at job ${jobId} was overtaken by a later one`)
  }
}

/** The text model asks for a pause before the next call. */
export class ModelBusyError extends Error {
  override readonly name = 'ModelBusyError'
  readonly retryAfterMs: number

  constructor(retryAfterMs: number) {
    super(`The text model asks for a pause of ${retryAfterMs} ms`)
    this.retryAfterMs = retryAfterMs
  }
}
