import type { Claim } from './claim.ts'

/** Raised when a reader of an older record would misread a new one. */
export const RECORD_VERSION = 1

/** Something worth telling: a leak, an undeclared use, a bottleneck. */
export interface Finding {
  /** Stable kind, for machines: `redis-connection-open`. */
  readonly kind: string
  /** One sentence, for people. */
  readonly message: string
  readonly resource?: string
  /** The file that it is about, as `FileRecord.file`. */
  readonly file?: string
  /** The test in which it came about: `a suite > a test`. */
  readonly test?: string
  /** The line of code that it goes back to: `src/queue.ts:12`, from Vitest's root where it lies below it. */
  readonly place?: string
}

export type FileOutcome = 'passed' | 'failed' | 'skipped' | 'cancelled'

/** When things happened to a file: milliseconds since the run began, one decimal. Absent: it never happened. */
export interface FileTimes {
  /** Vitest handed the file over. */
  readonly queued: number
  /** The lease was granted: from here on lane and instances are the file's. */
  readonly admitted?: number
  /** All its instances were open and clean. */
  readonly ready?: number
  /** Its worker was up. */
  readonly started?: number
  /** Its imports and setup files had run, and its tests were known. */
  readonly collected?: number
  /** Its last test and hook had ended, and the lane was free again. */
  readonly finished?: number
  /** The process or thread that ran it had really exited. */
  readonly exited?: number
  /** All its instances were clean again, or gone. */
  readonly cleaned?: number
}

/** A test that failed, and when it ran: milliseconds since the run began, one decimal. */
export interface FailedTest {
  /** Its suites and its name: `a suite > a test`. */
  readonly name: string
  readonly from: number
  readonly to: number
}

/** Some tests of a file that were run in a lane and with instances of their own. */
export interface PartRecord {
  /** How many tests it was given. */
  readonly tests: number
  readonly times: FileTimes
  readonly lane?: number
  readonly instances?: Readonly<Record<string, number>>
  readonly pid?: number
  readonly cpu?: number
  readonly stalled?: number
  readonly waitedFor?: string
  /** Why it came to nothing, where it did. */
  readonly error?: string
}

/** One test file in one project. */
export interface FileRecord {
  /** Path from the root, with `/`. */
  readonly file: string
  /** The project's name; empty for an unnamed one. */
  readonly project: string
  readonly claims: readonly Claim[]
  readonly outcome: FileOutcome
  readonly tests: {
    readonly passed: number
    readonly failed: number
    readonly skipped: number
    readonly todo: number
  }
  readonly times: FileTimes
  /** Which lane it ran in; absent if it never ran. */
  readonly lane?: number
  /** Resource to number of the instance that it held. */
  readonly instances?: Readonly<Record<string, number>>
  /** Hash of its text: a file that was renamed is known by it. */
  readonly content?: string
  /** What was expected before it ran, in ms. */
  readonly estimate?: number
  /** Process id of the worker that ran it. Absent for threads. */
  readonly pid?: number
  /** CPU that its process and what that started had used when it finished, in ms. Absent where that cannot be read. */
  readonly cpu?: number
  /** How long its process was ready to run and no core was free, in ms. Absent where that cannot be read. */
  readonly stalled?: number
  /** The resource that it waited for last: `lane` if for a lane alone. */
  readonly waitedFor?: string
  /** First line of what made it fail, where that was not a test. */
  readonly error?: string
  /** Absent if none failed. */
  readonly failedTests?: readonly FailedTest[]
  /**
   * In the order of its tests, where it was run in several. The file's times are then from the first to the last of
   * them; lane, instances and process are those of the first part.
   */
  readonly parts?: readonly PartRecord[]
  /** The parts came to nothing and it was run again whole: its times from the lease on, lane and instances are of that. */
  readonly again?: true
}

export interface ResourceRecord {
  readonly instances: number
  /** True where the number follows the lanes. */
  readonly perLane: boolean
  /** Where they came from: `native redis-server 7.0.15`. Absent: never started, or no provider. */
  readonly source?: string
}

/** What happened in one run: every report is drawn from it. */
export interface RunRecord {
  readonly version: typeof RECORD_VERSION
  readonly run: string
  readonly vitestLanes: string
  readonly vitest: string
  readonly node: string
  readonly platform: string
  /** What git had checked out when it began. Absent outside of a repository. */
  readonly commit?: string
  readonly cores: number
  /** ISO 8601. */
  readonly startedAt: string
  /** ms. */
  readonly duration: number
  readonly outcome: 'passed' | 'failed' | 'interrupted'
  readonly lanes: number
  readonly shard?: {
    readonly index: number
    readonly count: number
    /** The same on all machines that have divided the files in the same way. */
    readonly plan?: string
  }
  readonly seed?: number
  readonly resources: Readonly<Record<string, ResourceRecord>>
  readonly files: readonly FileRecord[]
  readonly findings: readonly Finding[]
}
