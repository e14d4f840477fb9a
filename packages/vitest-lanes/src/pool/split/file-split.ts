import type { KnownTest } from '@vitest-lanes/core'
import type { Problem, SnapshotResult } from '../../vitest/transcript.ts'
import type { StandInJob } from '../run.ts'

/** Some of the tests of a file, one after another in it, to be run in a lane of their own. */
export interface SplitPart {
  readonly tests: readonly KnownTest[]
  readonly job: StandInJob
  /** Of `VITEST_WORKER_ID`: each worker of a run has another. */
  readonly workerId: number | undefined
}

/** A file that is to be run in parts. */
export interface FileSplit {
  readonly parts: readonly SplitPart[]
  /** How many snapshots the whole file compares. */
  readonly matched: number
  /** The parts have been told as one file. */
  merged(snapshots: SnapshotResult | undefined): void
  /** They could not be: the file runs whole next. */
  gaveUp(problem: Problem): void
}
