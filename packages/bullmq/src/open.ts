import type { FlowProducer, Job, JobState, Queue, QueueEvents, Worker } from 'bullmq'
import { LanesError } from '@vitest-lanes/core'
import { closeAll, type Closable, type Opened } from './closing.ts'
import { workerName, type OwnWorkers } from './explain/collect.ts'
import { markQueue } from './mark.ts'
import type { Maker } from './library.ts'
import { trackProcessor } from './tracked-processor.ts'
import type { Bullmq, JobOrId, JobWaitOptions, WaitOptions } from './types.ts'
import { uniqueJobId } from './unique-job-id.ts'
import { waitForState, waitUntilDrained, waitUntilProcessed, waitUntilSettled } from './waits.ts'
import { createWatches } from './watches.ts'

export interface BullmqParts {
  readonly maker: Maker
  readonly env: Readonly<Record<string, string>>
  /** Sets a variable of this process to the prefix. */
  readonly expose: (variable: string) => void
  /** The same, while a function runs. */
  readonly exposeDuring: <T>(variable: string, make: () => T) => T
  /** Milliseconds that a wait may take, where the test does not say. */
  readonly patience: () => number
}

export interface OpenBullmq {
  readonly bullmq: Bullmq
  /** Closes everything. @param grace milliseconds for jobs that still run */
  readonly close: (grace: number) => Promise<void>
}

/** Jobs that are due are looked for each second (seconds). A worker on a busy machine can miss that one is due (seen on BullMQ 5.81). */
const DRAIN_DELAY = 1

/** How many events a queue keeps, for waits that come late. BullMQ keeps 10,000, of which a job has five. */
const KEPT_EVENTS = 1_000_000

/** What the fixture gives to a test. */
export function openBullmq({ maker, env, expose, exposeDuring, patience }: BullmqParts): OpenBullmq {
  const opened: Opened[] = []
  const queues = new Map<string, Queue>()
  const workers: { worker: Worker; name: string; errors: string[] }[] = []
  const keep = <T extends Closable>(kind: Opened['kind'], object: T, idle?: () => Promise<unknown>): T => {
    opened.push({ kind, object, ...(idle !== undefined && { idle }) })
    return object
  }
  function know(worker: Worker, name: string): void {
    const errors: string[] = []
    // Without a listener BullMQ prints them; here they are part of what a wait that fails tells.
    worker.on('error', (error) => errors.push(error.message))
    workers.push({ worker, name, errors })
  }
  const watchOf = createWatches(maker, (events) => keep('events', events))
  const on = (queue: Queue) => workers.filter(({ worker }) => worker.qualifiedName === queue.qualifiedName)
  const own: OwnWorkers = {
    names: (queue) =>
      on(queue)
        .filter(({ worker }) => !worker.closing)
        .map(({ name }) => name),
    errors: (queue) => on(queue).flatMap(({ errors }) => errors),
  }
  const waiting = ({ timeout = patience() }: WaitOptions = {}) => ({ own, timeout })

  function queue(name: string, options?: object): Queue {
    const known = options === undefined ? queues.get(name) : undefined
    if (known !== undefined) return known
    const about = { streams: { events: { maxLen: KEPT_EVENTS } }, ...options }
    const made = keep('queue', markQueue(maker.queue(name, about), bullmq))
    queues.set(name, made)
    return made
  }
  const queueOf = (one: Queue | string) => (typeof one === 'string' ? queue(one) : one)

  function watchJob(job: JobOrId, options: JobWaitOptions = {}) {
    if (options.queue !== undefined) return watchOf(queueOf(options.queue))
    const known = [...queues.values()]
    if (typeof job !== 'string') {
      const own = known.find(({ qualifiedName }) => qualifiedName === job.queueQualifiedName)
      if (own !== undefined) return watchOf(own)
      // Of a flow, whose queues nobody has asked for.
      const same = queue(job.queueName)
      if (same.qualifiedName === job.queueQualifiedName) return watchOf(same)
      throw new LanesError(
        'LANES_FIXTURE_USE',
        `Job ${job.id} is in ${job.queueQualifiedName}, which is no queue of this test.`,
        {
          hint: 'Make its queue with `bullmq.queue(…)`, or hand it over with `bullmq.adopt(queue)`.',
        },
      )
    }
    const [only, ...others] = known
    if (only !== undefined && others.length === 0) return watchOf(only)
    throw new LanesError(
      'LANES_FIXTURE_USE',
      `Job ${job} is known by its id alone, and the test has ${queues.size} queues.`,
      {
        hint: 'Hand over the job, or say which queue: `{ queue: … }`.',
      },
    )
  }

  function exposePrefix(variable?: string): void
  function exposePrefix<T>(variable: string, make: () => T): T
  function exposePrefix(variable = 'BULLMQ_PREFIX', make?: () => unknown): unknown {
    return make === undefined ? expose(variable) : exposeDuring(variable, make)
  }

  const bullmq: Bullmq = {
    prefix: maker.prefix,
    env,
    queue: queue as Bullmq['queue'],
    worker: ((name: string, processor: unknown, options: object = {}) => {
      const tracked = trackProcessor(processor)
      const about = { drainDelay: DRAIN_DELAY, name: workerName(workers.length + 1), ...options }
      const worker = maker.worker(name, tracked?.processor ?? processor, about)
      know(worker, about.name)
      return keep('worker', worker, tracked?.idle)
    }) as Bullmq['worker'],
    events: (name, options) => keep<QueueEvents>('events', maker.events(name, options)),
    flow: () => keep<FlowProducer>('flow', maker.flow()),
    scheduler: (one, id, repeat, template) =>
      queueOf(one).upsertJobScheduler(id, repeat, template) as Promise<Job | undefined>,
    adopt(object) {
      keep(kindOf(object), object)
      if (isQueue(object)) queues.set(object.name, markQueue(object, bullmq))
      if (isWorker(object)) know(object, object.opts.name ?? '')
      return object
    },
    exposePrefix,
    settled: async (job, options) => waitUntilSettled(watchJob(job, options), idOf(job), waiting(options)),
    state: async (job, state: JobState, options) =>
      waitForState(watchJob(job, options), idOf(job), state, waiting(options)),
    drained: async (one, options) => waitUntilDrained(watchOf(queueOf(one)), waiting(options)),
    processed: async (one, count, options) =>
      waitUntilProcessed(watchOf(queueOf(one)), count, waiting(options)),
    uniqueJobId,
  }
  return { bullmq, close: (grace) => closeAll(opened, grace) }
}

function idOf(job: JobOrId): string {
  return typeof job === 'string' ? job : (job.id ?? '')
}

function kindOf(object: Closable): Opened['kind'] {
  const { add, addBulk, upsertJobScheduler, processFn } = Object(object)
  if (typeof upsertJobScheduler === 'function') return 'queue'
  if (typeof add === 'function' && typeof addBulk === 'function') return 'flow'
  return processFn === undefined && 'consumeEvents' in object ? 'events' : 'worker'
}

function isQueue(object: unknown): object is Queue {
  return kindOf(object as Closable) === 'queue'
}

function isWorker(object: unknown): object is Worker {
  return typeof Object(object).getNextJob === 'function'
}
