import type { Interval } from '@vitest-lanes/core'

/** What `vitest-lanes stress` found. Its JSON is API: see docs/stress.md. */
export interface StressResult {
  readonly version: 1
  /** True where Ctrl-C or SIGTERM ended it before its time. */
  readonly interrupted: boolean
  readonly files: number
  /** Tests that ran at least once. */
  readonly tests: number
  /** ms */
  readonly duration: number
  readonly runs: readonly StressRun[]
  /** Tests that failed at least once, or needed a retry; those that fail most often first. */
  readonly failing: readonly FailingTest[]
  /** Errors that belong to no test, by likeness. */
  readonly unhandled: readonly LikeMessages[]
  /** A test that failed more often than this would have shown itself. Absent where none can be excluded. */
  readonly excluded?: { readonly rate: number; readonly confidence: number }
}

/** One run of the suite. */
export interface StressRun {
  /** Number of its record: `.vitest-lanes/stress/<run>.json`. */
  readonly run: number
  readonly seed: number
  readonly outcome: 'passed' | 'failed' | 'interrupted'
  readonly lanes: number
  /** ms */
  readonly duration: number
  /** Tests that failed. */
  readonly failed: number
}

export interface FailingTest {
  readonly file: string
  readonly project: string
  readonly name: string
  /** In how many runs it ran. */
  readonly runs: number
  /** In how many of them it failed, or passed after a retry. */
  readonly failures: number
  /** Of these, how many passed after a retry. */
  readonly retried: number
  /** True where it never passed: it is broken rather than flaky. */
  readonly constant: boolean
  readonly rate: number
  /** 95 % Wilson interval of the rate. */
  readonly interval: Interval
  readonly failedIn: readonly FailedRun[]
  /** With how many runs in which it passed `beside` compares. */
  readonly compared: number
  /** Files that ran beside it where it failed, the most suspicious first. */
  readonly beside: readonly BesideCount[]
  readonly messages: readonly LikeMessages[]
}

/** One run in which a test failed. */
export interface FailedRun {
  readonly run: number
  readonly seed: number
  /** Files that ran while the test did, those that overlapped longest first. */
  readonly beside: readonly string[]
}

/** In how many runs another file ran beside the test. */
export interface BesideCount {
  readonly file: string
  /** Of those in which the test failed. */
  readonly failures: number
  /** Of those in which it passed. */
  readonly passes: number
}

/** Messages that differ in numbers, times, identifiers and paths alone. */
export interface LikeMessages {
  readonly likeness: string
  readonly example: string
  readonly count: number
  readonly runs: readonly number[]
}
