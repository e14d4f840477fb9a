import type * as BullMQ from 'bullmq'

/** The BullMQ of the project: version 5 or 6. */
export type Library = Pick<typeof BullMQ, 'Queue' | 'Worker' | 'QueueEvents' | 'FlowProducer'>

/** What BullMQ 6 has beside that, for queues in PostgreSQL. */
export interface PostgresLibrary {
  createPostgresBackend: (name: string, options: object, more: object) => object
  runMigrations: (client: object) => Promise<unknown>
}

/** Makes BullMQ's objects with the connection and the prefix of one test. Options that are given win. */
export interface Maker {
  readonly prefix: string
  queue(name: string, options?: object): BullMQ.Queue
  worker(name: string, processor: unknown, options?: object): BullMQ.Worker
  events(name: string, options?: object): BullMQ.QueueEvents
  flow(options?: object): BullMQ.FlowProducer
}

type Factory = PostgresLibrary['createPostgresBackend']

/**
 * @param factory the backend of BullMQ 6 where it is not Redis
 */
export function makerOf(library: Library, defaults: { prefix: string }, factory?: Factory): Maker {
  // The versions differ in their type parameters and in this last argument, not in what they do with the rest.
  const last = factory === undefined ? [] : [factory]
  type Constructor<T> = abstract new (...args: never) => T
  const make = <T>(constructor: Constructor<T>, ...args: unknown[]): T =>
    Reflect.construct(constructor, [...args, ...last]) as T
  return {
    prefix: defaults.prefix,
    queue: (name, options) => make(library.Queue, name, { ...defaults, ...options }),
    worker: (name, processor, options) => make(library.Worker, name, processor, { ...defaults, ...options }),
    events: (name, options) => make(library.QueueEvents, name, { ...defaults, ...options }),
    flow: (options) => make(library.FlowProducer, { ...defaults, ...options }),
  }
}
