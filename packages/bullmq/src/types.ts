import type {
  FlowProducer,
  Job,
  JobSchedulerTemplateOptions,
  JobState,
  Processor,
  Queue,
  QueueEvents,
  QueueEventsOptions,
  QueueOptions,
  RepeatOptions,
  WorkerOptions,
  Worker,
} from 'bullmq'
import type { Closable } from './closing.ts'
import type { Ended } from './history.ts'

/** BullMQ's options, with connection and prefix of the test where left out. */
type Own<Options> = Partial<Omit<Options, 'prefix'>>

/** How long to wait, in milliseconds; where left out, a little less than what is left of the test's own time. */
export interface WaitOptions {
  readonly timeout?: number
}

export interface JobWaitOptions extends WaitOptions {
  /** Where the job is known by its id alone and the test has several queues: which one. */
  readonly queue?: Queue | string
}

/** A job, or its id. */
export type JobOrId = Job | string

export interface JobTemplate {
  readonly name?: string
  readonly data?: unknown
  readonly opts?: JobSchedulerTemplateOptions
}

/** Real BullMQ objects under a prefix of the test's own, and waits that do not race. */
export interface Bullmq {
  /** For application code that makes its own queues. */
  readonly prefix: string
  /** Variables for a child process: `BULLMQ_PREFIX` and the server's URL. */
  readonly env: Readonly<Record<string, string>>
  /** The same name gives the same queue. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as BullMQ itself has it
  queue<Data = any, Result = any, Name extends string = string>(
    name: string,
    options?: Own<QueueOptions>,
  ): Queue<Data, Result, Name>
  // oxlint-disable-next-line typescript/no-explicit-any -- as BullMQ itself has it
  worker<Data = any, Result = any, Name extends string = string>(
    name: string,
    processor: Processor<Data, Result, Name> | string | URL,
    options?: Own<WorkerOptions>,
  ): Worker<Data, Result, Name>
  /** Reads from now on, as BullMQ does. The waits need none. */
  events(name: string, options?: Own<QueueEventsOptions>): QueueEvents
  flow(): FlowProducer
  /** Adds a job scheduler to a queue; resolves with its first job. */
  scheduler(
    queue: Queue | string,
    id: string,
    repeat: Omit<RepeatOptions, 'key'>,
    template?: JobTemplate,
  ): Promise<Job | undefined>
  /**
   * Closes what the application has made together with the test's own; the waits and matchers know its queues. Its keys
   * are deleted with the test's if they are under the test's prefix, and left alone otherwise.
   */
  adopt<T extends Closable>(object: T): T
  /**
   * Sets a variable of this process, `BULLMQ_PREFIX` where left out, to the prefix, until the test ends.
   * @throws LANES_FIXTURE_USE if another test that runs at the same time has set it
   */
  exposePrefix(variable?: string): void
  /**
   * Sets it while the function runs, which awaits nothing: for an application that reads it when it makes its queue. Tests
   * that run at the same time may all do so.
   * @returns what the function returns
   */
  exposePrefix<T>(variable: string, make: () => T): T
  /**
   * Resolves with what the job returns; also if it has been removed since.
   * @throws JobFailedError when it fails for good; LANES_WAIT_TIMEOUT, with what holds it up
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- what a job returns is known by who asks
  settled<T = any>(job: JobOrId, options?: JobWaitOptions): Promise<T>
  /**
   * Resolves when the job is in the state, or has been in it.
   * @throws JobFailedError when it fails for good instead; LANES_WAIT_TIMEOUT, with what holds it up
   */
  state(job: JobOrId, state: JobState, options?: JobWaitOptions): Promise<void>
  /** Resolves when no job of the queue waits or runs. Delayed jobs are not waited for. @throws LANES_WAIT_TIMEOUT */
  drained(queue: Queue | string, options?: WaitOptions): Promise<void>
  /**
   * Resolves when so many jobs of the queue have completed or failed for good since the test began, with how they ended.
   * @throws LANES_WAIT_TIMEOUT
   */
  processed(queue: Queue | string, count: number, options?: WaitOptions): Promise<readonly Ended[]>
  /** An id that no other test, lane or machine has. */
  uniqueJobId(prefix?: string): string
}
