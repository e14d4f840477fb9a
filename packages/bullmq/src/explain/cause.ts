import { duration } from '../duration.ts'
import type { JobFacts, QueueFacts } from './facts.ts'

/** Why a job is not where it was expected, and what to do. */
export interface Cause {
  readonly cause: string
  readonly hint: string
}

/** The sentence that names why a job has not got further. */
export function causeOf(job: JobFacts, queue: QueueFacts): Cause {
  switch (job.state) {
    case 'unknown':
      return missing(job, queue)
    case 'active':
      return active(job, queue)
    case 'delayed':
      return delayed(job, queue)
    case 'waiting-children':
      return {
        cause: `it waits for ${count(job.children ?? 1, 'child', 'children')} to end`,
        hint: 'Wait for the children first, or start workers on their queues too.',
      }
    case 'completed':
      return { cause: 'it has completed', hint: 'Wait for `completed`, or look at what the job returned.' }
    case 'failed':
      return {
        cause: `it has failed for good: ${job.failedReason ?? 'no reason was kept'}`,
        hint: 'Give it more attempts, or wait for `failed`.',
      }
    default:
      return waiting(job, queue)
  }
}

function missing({ id, lastEvent, counter }: JobFacts, { queue }: QueueFacts): Cause {
  if (lastEvent === 'completed' || lastEvent === 'failed') {
    return {
      cause: `it has ${lastEvent} and was removed at once (removeOnComplete, removeOnFail)`,
      hint: 'Wait for it with `settled`, which reads its end from the events of the queue.',
    }
  }
  if (lastEvent !== undefined) {
    return {
      cause: `it was in ${queue} (last seen: ${lastEvent}) and somebody has taken it away`,
      hint: 'Look for `obliterate`, `drain`, `clean` or `remove` in what ran meanwhile: tests, hooks, the code itself.',
    }
  }
  if (counter !== undefined && /^\d+$/.test(id)) {
    return Number(id) > counter
      ? {
          cause: `${queue} has never had it: its counter stands at ${counter}, so the id comes from another prefix, queue or server`,
          hint: 'Make the queue with `bullmq.queue(…)`, or hand `bullmq.prefix` to the code that adds the job; `adopt` its queue else.',
        }
      : {
          cause: `${queue} has given that id, and the job and its events are gone: the queue was obliterated or flushed`,
          hint: 'Look for `obliterate`, `FLUSHDB` or `FLUSHALL` in what ran meanwhile.',
        }
  }
  return {
    cause: `${queue} has never had a job of that id`,
    hint: 'Check that the code adds it to this queue, under the same prefix and on the same server.',
  }
}

function active({ runningFor = 0 }: JobFacts, { workers }: QueueFacts): Cause {
  if (workers.here.length + workers.elsewhere.length === 0) {
    return {
      cause: 'it is active, and the worker that took it is gone',
      hint: 'Another worker finds it stalled after its lock has run out: `lockDuration` and `stalledInterval` say when.',
    }
  }
  const where = workers.here.length > 0 ? 'in this process' : `in ${workers.elsewhere.join(', ')}`
  return {
    cause: `it is still active: its processor has run for ${duration(runningFor)} ${where} and has not returned`,
    hint: 'See what the processor waits for, or give it more time with `{ timeout }`.',
  }
}

function delayed({ delayLeft, attemptsMade, attempts, failedReason }: JobFacts, queue: QueueFacts): Cause {
  const left = delayLeft === undefined ? 'delayed' : `delayed for another ${duration(Math.max(0, delayLeft))}`
  if (attemptsMade > 0 && failedReason !== undefined) {
    return {
      cause: `it is ${left}, after attempt ${attemptsMade} of ${attempts} failed: ${failedReason}`,
      hint: 'Shorten the backoff in the test, or give it more time with `{ timeout }`.',
    }
  }
  if (delayLeft !== undefined && delayLeft <= 0) return waiting({ ...emptyJob, state: 'due' }, queue)
  return { cause: `it is ${left}`, hint: 'Use `job.promote()`, or a shorter delay in the test.' }
}

const emptyJob = { id: '', attemptsMade: 0, attempts: 1, logs: { count: 0 } }

function waiting({ state }: JobFacts, { queue, isPaused, rateLimited, workers, running }: QueueFacts): Cause {
  const waits = state === 'due' ? 'its delay is over and nobody has taken it' : 'it still waits'
  if (isPaused) return { cause: `${waits}: ${queue} is paused`, hint: 'Call `queue.resume()`.' }
  if (workers.here.length + workers.elsewhere.length === 0) {
    return {
      cause: `${waits}: no worker is attached to ${queue}`,
      hint: `Start one with \`bullmq.worker('${queue}', …)\`, or adopt the application's, under the prefix \`bullmq.prefix\`.`,
    }
  }
  if (rateLimited > 0) {
    return {
      cause: `${waits}: ${queue} is rate-limited for another ${duration(rateLimited)}`,
      hint: 'Loosen the limiter in the test, or give it more time with `{ timeout }`.',
    }
  }
  if (running.length > 0) {
    return {
      cause: `${waits} behind ${count(running.length, 'running job', 'running jobs')}`,
      hint: 'Raise the concurrency of the worker, or wait for these jobs first.',
    }
  }
  return {
    cause: `${waits}, though ${count(workers.here.length + workers.elsewhere.length, 'worker is', 'workers are')} attached`,
    hint: 'Check that the worker runs (`autorun`), is not paused, and has not lost its connection.',
  }
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}
