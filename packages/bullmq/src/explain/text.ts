import { duration } from '../duration.ts'
import { causeOf } from './cause.ts'
import type { JobFacts, QueueFacts, Workers } from './facts.ts'

/** What was waited for: `has not settled`. */
export interface Wanted {
  readonly what: string
  /** Milliseconds. */
  readonly waited: number
}

/** The sentence that names the cause, and below it what a person would look for; what to do stands apart. */
export function explainJob(
  { what, waited }: Wanted,
  job: JobFacts,
  queue: QueueFacts,
): { message: string; hint: string } {
  const { cause, hint } = causeOf(job, queue)
  const name = job.name === undefined ? '' : ` (${job.name})`
  const rows: (readonly [string, string | undefined])[] = [
    ['state', job.state === 'unknown' ? 'not in the queue' : job.state],
    ['attempts', job.state === 'unknown' ? undefined : `${job.attemptsMade} of ${job.attempts} have ended`],
    ['failed', job.failedReason],
    ['progress', job.progress],
    ['logs', job.logs.count === 0 ? undefined : `${job.logs.count}, the last: ${job.logs.last ?? ''}`],
    ['delay', job.delayLeft === undefined ? undefined : `${duration(Math.max(0, job.delayLeft))} left`],
    ...queueRows({ ...queue, running: queue.running.filter(({ id }) => id !== job.id) }),
  ]
  return {
    message: `Job ${job.id}${name} of queue ${queue.queue} ${what} after ${duration(waited)}: ${cause}.\n${table(rows)}`,
    hint,
  }
}

/** The same for a whole queue, such as one that does not get empty. */
export function explainQueue({ what, waited }: Wanted, queue: QueueFacts): { message: string; hint: string } {
  const waits = ['waiting', 'prioritized', 'paused'].reduce(
    (sum, state) => sum + (queue.counts[state] ?? 0),
    0,
  )
  const state = waits > 0 ? 'waiting' : queue.running.length > 0 ? 'active' : 'delayed'
  const [first] = queue.running
  const stuck: JobFacts = {
    id: first?.id ?? '',
    state,
    attemptsMade: 0,
    attempts: 1,
    logs: { count: 0 },
    ...(first !== undefined && { runningFor: first.ms }),
  }
  const left = Object.entries(queue.counts).filter(([, number]) => number > 0)
  const idle = left.every(([name]) => name === 'completed' || name === 'failed')
  const counts = left.map(([name, number]) => `${number} ${name}`).join(', ')
  const { cause, hint } = idle
    ? {
        cause: 'no more jobs are there',
        hint: 'Check how many jobs the code adds, and to which queue and prefix.',
      }
    : causeOf(stuck, queue)
  const rows = [['jobs', counts === '' ? 'none' : counts] as const, ...queueRows(queue)]
  return {
    message: `Queue ${queue.queue} ${what} after ${duration(waited)}: ${cause.replace(/^it /, 'one job ')}.\n${table(rows)}`,
    hint,
  }
}

function queueRows(queue: QueueFacts): (readonly [string, string | undefined])[] {
  const { isPaused, rateLimited, running, workers } = queue
  const state = [isPaused ? 'paused' : '', rateLimited > 0 ? `rate-limited for ${duration(rateLimited)}` : '']
  const held = state.filter((text) => text !== '').join(', ')
  const others = running.map(({ id, name, ms }) => `${id} (${name}) for ${duration(ms)}`)
  return [
    ['queue', held === '' ? undefined : held],
    ['workers', workersText(workers)],
    ['running', others.length === 0 ? undefined : others.join(', ')],
    ['errors', workers.errors.length === 0 ? undefined : workers.errors.join('; ')],
  ]
}

function workersText({ here, elsewhere }: Workers): string {
  const parts = [
    here.length === 0 ? '' : `${here.length} in this process (${process.pid})`,
    elsewhere.length === 0 ? '' : `${elsewhere.length} elsewhere: ${elsewhere.join(', ')}`,
  ].filter((text) => text !== '')
  return parts.length === 0 ? 'none' : parts.join('; ')
}

function table(rows: readonly (readonly [string, string | undefined])[]): string {
  return rows
    .filter((row): row is readonly [string, string] => row[1] !== undefined)
    .map(([name, text]) => `    ${name.padEnd(9)} ${text}`)
    .join('\n')
}
