import type { Job, JobState, Queue } from 'bullmq'
import { LanesError } from '@vitest-lanes/core'
import { jobFacts, queueFacts, type OwnWorkers } from './explain/collect.ts'
import { explainJob, explainQueue } from './explain/text.ts'
import type { Ended } from './history.ts'
import { JobFailedError } from './job-failed-error.ts'
import { until } from './until.ts'
import type { Watch } from './watch.ts'

const IDLE = ['waiting', 'prioritized', 'paused', 'active', 'waiting-children'] as const

/** What a wait needs beside the job or the queue. */
export interface Waiting {
  readonly own: OwnWorkers
  /** Milliseconds. */
  readonly timeout: number
}

/**
 * Resolves with what the job has returned.
 * @throws JobFailedError when it has failed for good; LANES_WAIT_TIMEOUT
 */
export function waitUntilSettled<T>(watch: Watch, id: string, waiting: Waiting): Promise<T> {
  const look = async () => {
    const ended = await endOf(watch, id)
    if (ended?.state === 'failed')
      throw new JobFailedError(ended.job, id, watch.queue.name, ended.failedReason)
    return ended && { found: ended.returnvalue as T }
  }
  return until(watch, look, waiting.timeout, explainingJob(watch, id, 'has not settled', waiting))
}

/**
 * Resolves when the job is in a state, or has been since it was added.
 * @throws JobFailedError when it has failed for good instead; LANES_WAIT_TIMEOUT
 */
export function waitForState(watch: Watch, id: string, wanted: JobState, waiting: Waiting): Promise<void> {
  const look = async () => {
    const state = await watch.queue.getJobState(id)
    if (state === wanted || watch.history.states(id).has(wanted)) return { found: undefined }
    const ended = await endOf(watch, id)
    if (ended?.state === wanted) return { found: undefined }
    // The events are read a moment after the job has gone through its states.
    if (ended === undefined || watch.history.outcome(id) === undefined) return undefined
    if (ended.state === 'failed')
      throw new JobFailedError(ended.job, id, watch.queue.name, ended.failedReason)
    throw new LanesError(
      'LANES_WAIT_TIMEOUT',
      `Job ${id} of ${watch.queue.name} has completed, and has never been ${wanted}.`,
    )
  }
  return until(watch, look, waiting.timeout, explainingJob(watch, id, `has not become ${wanted}`, waiting))
}

/** Resolves when no job waits or runs. Delayed jobs are not waited for. */
export function waitUntilDrained(watch: Watch, waiting: Waiting): Promise<void> {
  const look = async () => {
    const counts = await watch.queue.getJobCounts(...IDLE)
    return IDLE.every((state) => (counts[state] ?? 0) === 0) ? { found: undefined } : undefined
  }
  return until(watch, look, waiting.timeout, explainingQueue(watch.queue, 'is not drained', waiting))
}

/** Resolves with the jobs that have ended, in that order, when there are so many. */
export function waitUntilProcessed(watch: Watch, count: number, waiting: Waiting): Promise<readonly Ended[]> {
  const { queue, isWhole } = watch
  const { ended } = watch.history
  const look = async () => {
    // The events are read a moment after the queue has counted.
    const counted = isWhole ? await queue.getJobCountByTypes('completed', 'failed') : 0
    return ended.length >= Math.max(count, counted) ? { found: [...ended] } : undefined
  }
  const jobs = count === 1 ? 'one job' : `${count} jobs`
  return until(watch, look, waiting.timeout, (waited) =>
    explainingQueue(queue, `has processed ${ended.length} of ${jobs}`, waiting)(waited),
  )
}

type End = Ended & { readonly job?: Job }

/** How a job has ended, from the queue itself; from its events, where the job was removed. */
async function endOf({ queue, history }: Watch, id: string): Promise<End | undefined> {
  const job: Job | undefined = await queue.getJob(id)
  if (job === undefined) return history.outcome(id)
  const state = await job.getState()
  if (state === 'completed') {
    // Read anew: the job may have ended between the two commands.
    const ended: Job | undefined = job.finishedOn === undefined ? await queue.getJob(id) : job
    if (ended?.finishedOn === undefined) return undefined
    return { jobId: id, state, returnvalue: ended.returnvalue, job: ended }
  }
  if (state !== 'failed') return undefined
  const failed: Job = (job.finishedOn === undefined ? await queue.getJob(id) : undefined) ?? job
  return { jobId: id, state, failedReason: failed.failedReason, job: failed }
}

function explainingJob(watch: Watch, id: string, what: string, { own }: Waiting) {
  return async (waited: number) => {
    const [job, queue] = await Promise.all([jobFacts(watch, id), queueFacts(watch.queue, own)])
    return explainJob({ what, waited }, job, queue)
  }
}

function explainingQueue(queue: Queue, what: string, { own }: Waiting) {
  return async (waited: number) => explainQueue({ what, waited }, await queueFacts(queue, own))
}
