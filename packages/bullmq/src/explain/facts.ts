/** One job that a worker has at this moment. */
export interface RunningJob {
  readonly id: string
  readonly name: string
  /** Milliseconds since it was taken. */
  readonly ms: number
}

/** Who takes jobs from the queue. */
export interface Workers {
  /** Workers of this process, by name. */
  readonly here: readonly string[]
  /** Workers that the server sees beside these: process id where it is known, else address. */
  readonly elsewhere: readonly string[]
  /** What the workers of this test have emitted as `error`. */
  readonly errors: readonly string[]
}

export interface QueueFacts {
  readonly queue: string
  readonly counts: Readonly<Record<string, number>>
  readonly isPaused: boolean
  /** Milliseconds for which no job starts; 0 where none is limited. */
  readonly rateLimited: number
  readonly workers: Workers
  readonly running: readonly RunningJob[]
}

export interface JobFacts {
  readonly id: string
  readonly name?: string
  /** `unknown`: the queue has no such job. */
  readonly state: string
  readonly attemptsMade: number
  readonly attempts: number
  readonly failedReason?: string
  readonly progress?: string
  readonly logs: { readonly count: number; readonly last?: string }
  /** Milliseconds until a delayed job is due. */
  readonly delayLeft?: number
  /** Milliseconds since a worker has taken it. */
  readonly runningFor?: number
  /** Children that have not ended, of a parent. */
  readonly children?: number
  /** The last event of the queue that spoke of it. */
  readonly lastEvent?: string
  /** The highest id that the queue's counter has given; absent where it cannot be told. */
  readonly counter?: number
}
