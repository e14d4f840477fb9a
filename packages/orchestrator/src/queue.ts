import { FlowProducer, type Job, type JobsOptions, Queue } from 'bullmq'
import { getPool, getRedis } from './clients.ts'
import { readConfig } from './config.ts'
import {
  CATALOGUE,
  type JobInput,
  type JobType,
  parseJobData,
  type Priority,
  PRIORITIES,
} from './jobs/catalogue.ts'
import { createJobStatus, type JobAttempt } from './jobs/job-status.ts'

export const QUEUE_NAME = 'course-generation'

let queue: Queue | undefined
let flows: FlowProducer | undefined
let prefix: string | undefined

/** Where the queue is: for all that the process makes on it. */
export function queueOptions() {
  prefix ??= readConfig().queuePrefix
  return { connection: getRedis(), prefix }
}

/** The process's one queue. */
export function getQueue(): Queue {
  queue ??= new Queue(QUEUE_NAME, queueOptions())
  return queue
}

/** The process's one producer of flows: jobs with parents. */
export function getFlowProducer(): FlowProducer {
  flows ??= new FlowProducer(queueOptions())
  return flows
}

/** Closes the queue and the producer; the next use opens new ones. */
export async function closeQueue(): Promise<void> {
  const closing = { queue, flows }
  queue = undefined
  flows = undefined
  prefix = undefined
  await Promise.all([closing.queue?.close(), closing.flows?.close()])
}

export interface EnqueueOptions {
  readonly priority?: Priority
  /** Milliseconds before the job may start. */
  readonly delay?: number
  /** How often it is tried, the first time included; else as the catalogue says. */
  readonly attempts?: number
  readonly backoff?: JobsOptions['backoff']
  /** Jobs that were added with the same key while the first has not finished are not added again. */
  readonly deduplicationKey?: string
}

/** BullMQ's options of a job: the catalogue's, with what the caller asks for in their place. */
export function jobOptions(type: JobType, options: EnqueueOptions = {}): JobsOptions {
  const { attempts, backoff, priority } = CATALOGUE[type]
  return {
    attempts: options.attempts ?? attempts,
    backoff: options.backoff ?? backoff,
    priority: PRIORITIES[options.priority ?? priority],
    ...(options.delay === undefined ? {} : { delay: options.delay }),
    ...(options.deduplicationKey === undefined ? {} : { deduplication: { id: options.deduplicationKey } }),
  }
}

/**
 * Checks a job's data, adds it to the queue and writes its row in `job_status`, keyed by the id that BullMQ's counter gave it.
 * @returns that id
 * @throws ZodError if the data are wrong; then nothing was added.
 */
export async function enqueueJob<T extends JobType>(
  type: T,
  input: JobInput<T>,
  options: EnqueueOptions = {},
): Promise<string> {
  const job = await getQueue().add(type, parseJobData(type, input), jobOptions(type, options))
  await createJobStatus(getPool(), toAttempt(job))
  return idOf(job)
}

/** The id of a job that is in the queue. */
export function idOf(job: Job): string {
  if (job.id === undefined) throw new Error(`A job of type ${job.name} has no id`)
  return job.id
}

/** The part of a BullMQ job that `job_status` keeps. */
export function toAttempt(job: Job): JobAttempt {
  return {
    jobId: idOf(job),
    type: job.name as JobType,
    organizationId: job.data.organizationId,
    courseId: job.data.courseId ?? null,
    attempt: job.attemptsStarted,
    maxAttempts: job.opts.attempts ?? 1,
  }
}
