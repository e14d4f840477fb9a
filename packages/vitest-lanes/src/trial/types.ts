import type { ReplayPoint, RunRecord } from '@vitest-lanes/core'
import type { InstanceWatch } from '../run/instance-watch.ts'

/** What a file waits for: that another of the same trial has come so far. */
export interface TrialPoint {
  /** As `fileKey` has it. */
  readonly file: string
  readonly point: ReplayPoint
}

/** How much harder a trial is than a usual run. */
export interface Pressure {
  /** Processes that use a core each, as long as the trial runs. */
  readonly cpu: number
  /** Most ms by which an answer of a server comes later than it did. */
  readonly latencyMs: number
}

/** How one trial is to run. Files are named by `fileKey`. */
export interface TrialPlan {
  /** Vitest's `sequence.seed`. It also decides the order of the files, unless `order` is given, and of the tests. */
  readonly seed: number
  /** How many lanes; as the configuration says where left out. */
  readonly lanes?: number
  /** Whether the tests within a file are in another order, too. As the configuration says where left out. */
  readonly shuffleTests?: boolean
  /** Only these files, admitted in this order as far as claims allow. Those that there are not are left out. */
  readonly order?: readonly string[]
  /** A file is admitted only once all of these have come so far. What never runs, or has ended, holds nobody up. */
  readonly after?: Readonly<Record<string, readonly TrialPoint[]>>
  /** In which lane a file is to run: it waits until that lane is free. Any where left out. */
  readonly lane?: Readonly<Record<string, number>>
  /** How long a file waits after all of that, in ms. */
  readonly wait?: Readonly<Record<string, number>>
  /** Full names (`a suite > a test`) of the tests that may run in a file; others are skipped. All where left out. */
  readonly only?: Readonly<Record<string, readonly string[]>>
  readonly pressure?: Pressure
  /** Variables of each worker, on top of its own and of its lease. */
  readonly env?: Readonly<Record<string, string>>
  /** Has the instances of the trial watched. */
  readonly watch?: InstanceWatch
}

/** What became of one test. */
export interface TrialTest {
  /** Path from the root, with `/`. */
  readonly file: string
  /** The project's name; empty for an unnamed one. */
  readonly project: string
  /** Its suites and its name: `a suite > a test`. */
  readonly name: string
  /** `pending`: the trial ended before the test did. */
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending'
  /** What its errors say, colours removed; those of tries before the last, too. */
  readonly messages: readonly string[]
  /** How often it was tried again. A test that passed with retries is not constant. */
  readonly retries: number
  /** When it ran, in ms since the trial began. Both 0 for a test that did not. */
  readonly from: number
  readonly to: number
}

/** What became of one trial. */
export interface TrialResult {
  /** As a run of the suite would have left it. `outcome` is `interrupted` where the signal ended it. */
  readonly record: RunRecord
  /** The tests of all files that were collected. A file that could not be has one test, named by its path. */
  readonly tests: readonly TrialTest[]
  /** What errors say that belong to no test. */
  readonly unhandled: readonly string[]
}

/**
 * One Vitest of the user's configuration in which trials run one after another. Servers are kept between them; what a
 * file leaves on its instances is cleaned as in any run. Each trial of a file runs in a new process.
 */
export interface Trials {
  /** Aborted by Ctrl-C or SIGTERM, which end the trial that is under way, too; the second one exits at once. */
  readonly interrupted: AbortSignal
  /** How far the trial has come that is under way. */
  progress(): TrialProgress
  /** @throws LANES_OPTION_INVALID where lanes() with resources or files is not in the configuration */
  expectLanes(): Promise<void>
  /** `fileKey`s of the files that the filters select, sorted. */
  files(): Promise<readonly string[]>
  /** Never rejects for a test that fails. One at a time: a second call waits for the first. */
  run(plan: TrialPlan, signal?: AbortSignal): Promise<TrialResult>
  /** Takes the servers away. */
  close(): Promise<void>
}

export interface TrialProgress {
  readonly files: number
  readonly ended: number
}

/** Which suite the trials are of. */
export interface TrialOptions {
  /** Vitest's root. */
  readonly root: string
  /** Vitest's configuration file, from the root. */
  readonly config?: string
  /** Only these of Vitest's projects. */
  readonly project?: readonly string[]
  /** Parts of paths of test files. All files where empty. */
  readonly filters: readonly string[]
  /** As Vitest's `--changed`: only files that depend on what changed since a commit; `true` is since the last. */
  readonly changed?: string | boolean
}
