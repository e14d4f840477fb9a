import type { Job, Queue } from 'bullmq'
import type { Watch } from '../watch.ts'
import type { JobFacts, QueueFacts, RunningJob } from './facts.ts'

/** Workers of the test on a queue. */
export interface OwnWorkers {
  names(queue: Queue): readonly string[]
  errors(queue: Queue): readonly string[]
}

/** How a worker of ours tells, among the connections of the server, which process it is in. */
export function workerName(number: number): string {
  return `pid-${process.pid}-${number}`
}

/** Looks at a queue as a person would who asks why nothing moves. */
export async function queueFacts(queue: Queue, own: OwnWorkers): Promise<QueueFacts> {
  const [counts, isPaused, ttl, connected, active] = await Promise.all([
    queue.getJobCounts(),
    queue.isPaused(),
    queue.getRateLimitTtl().catch(() => 0),
    queue.getWorkers().catch(() => []),
    queue.getActive(0, 9),
  ])
  const here = own.names(queue)
  const unnamed = here.filter((name) => name === '').length
  const others = connected.filter(({ rawname }) => !here.includes(nameOf(rawname) || 'none'))
  // Which of those without a name are the test's own cannot be told; how many of them are, can.
  const foreign = [
    ...others.filter(({ rawname }) => nameOf(rawname) !== ''),
    ...others.filter(({ rawname }) => nameOf(rawname) === '').slice(unnamed),
  ]
  const elsewhere = foreign.map(({ rawname, addr = 'a place unknown' }) => {
    const pid = /^pid-(\d+)-/.exec(nameOf(rawname))?.[1]
    return pid === undefined ? addr : `process ${pid}`
  })
  return {
    queue: queue.name,
    counts,
    isPaused,
    rateLimited: Math.max(0, ttl),
    workers: { here, elsewhere, errors: own.errors(queue) },
    running: active.filter((job) => job !== undefined).map(runningJob),
  }
}

/** The name that a worker was given, in that of its connection: `prefix:queue:w:name`. */
function nameOf(connection: string | undefined): string {
  return /:w:(.*)$/.exec(connection ?? '')?.[1] ?? ''
}

function runningJob(job: Job): RunningJob {
  return { id: job.id ?? '', name: job.name, ms: Date.now() - (job.processedOn ?? Date.now()) }
}

/** The same for one job. */
export async function jobFacts({ queue, history }: Watch, id: string): Promise<JobFacts> {
  const job: Job | undefined = await queue.getJob(id)
  const lastEvent = history.last(id)
  const about = { id, ...(lastEvent !== undefined && { lastEvent }) }
  if (job === undefined) {
    const counter = await counterOf(queue)
    return {
      ...about,
      state: 'unknown',
      attemptsMade: 0,
      attempts: 1,
      logs: { count: 0 },
      ...(counter !== undefined && { counter }),
    }
  }
  const state = await queue.getJobState(id)
  const logs = await queue.getJobLogs(id, -1, -1, true)
  const [last] = logs.logs
  const dueAt = state === 'delayed' ? await dueTime(queue, job) : undefined
  return {
    ...about,
    name: job.name,
    state,
    attemptsMade: job.attemptsMade,
    // BullMQ 6 has 0 where nothing is said.
    attempts: Math.max(1, job.opts.attempts ?? 1),
    logs: { count: logs.count, ...(last !== undefined && { last }) },
    ...(job.failedReason !== undefined && job.failedReason !== '' && { failedReason: job.failedReason }),
    ...(job.progress !== 0 && { progress: JSON.stringify(job.progress) }),
    ...(dueAt !== undefined && { delayLeft: dueAt - Date.now() }),
    ...(state === 'active' && job.processedOn !== undefined && { runningFor: Date.now() - job.processedOn }),
    ...(state === 'waiting-children' && {
      children: (await job.getDependenciesCount({ unprocessed: true })).unprocessed ?? 1,
    }),
  }
}

interface RedisCommands {
  get(key: string): Promise<string | null>
  zscore(key: string, member: string): Promise<string | null>
}

/** The queue's own connection, where it is one to Redis: BullMQ 5 has it as `client`, 6 in its backend. */
async function redisOf(queue: Queue): Promise<RedisCommands | undefined> {
  const { client, backend } = Object(queue)
  const found: unknown = await (client ?? Object(backend).client)
  return typeof Object(found).zscore === 'function' ? (found as RedisCommands) : undefined
}

async function counterOf(queue: Queue): Promise<number | undefined> {
  const redis = await redisOf(queue)
  return redis === undefined ? undefined : Number((await redis.get(queue.toKey('id'))) ?? 0)
}

/** The score of a delayed job is its time in ms times 4096 (BullMQ 5.81); after a failed attempt the job itself does not tell it. */
async function dueTime(queue: Queue, job: Job): Promise<number> {
  const redis = await redisOf(queue)
  const score = await redis?.zscore(queue.toKey('delayed'), job.id ?? '')
  return score === null || score === undefined ? job.timestamp + job.delay : Number(score) / 0x1000
}
