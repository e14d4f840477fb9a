import type { ErrorRates } from './decide.ts'

/**
 * How the other files of a trial stand to the file of the test.
 *
 * - `before`: all in one lane, one after the other, the test's own file last
 * - `beside`: each starts when it did in the recorded run; those that had ended by then are left out
 * - `recorded`: all as in the recorded run, some before and some beside
 */
export type Relation = 'before' | 'beside' | 'recorded'

/** What one trial runs beside the file of the test, which is in every trial. */
export interface Group {
  readonly relation: Relation
  /** Ids of the other files, in any order. */
  readonly files: readonly string[]
  /** Of these files only these tests, by full name. All where left out. */
  readonly tests?: Readonly<Record<string, readonly string[]>>
}

/** Trials that do not depend on each other. */
export interface Batch {
  /** Counts from 1. The trials of a round do not depend on each other, whatever their number. */
  readonly round: number
  readonly phase: 'decide' | 'files' | 'confirm' | 'tests'
  readonly groups: readonly Group[]
  readonly outlook: Outlook
}

/** What is still to be expected. */
export interface Outlook {
  /** How many suspects there still are. */
  readonly suspects: number
  /** Rounds that are still to come, about. */
  readonly rounds: number
  /** Trials of a round, about. */
  readonly trials: number
}

/** A search: asks for trials, is told for each whether the test failed, and returns what it found. */
export type Asking<T> = Generator<Batch, T, readonly boolean[]>

/** A file that may be at fault. */
export interface Suspect {
  readonly id: string
  /** How likely it is, in proportion to the others. Decides how soon an answer is found, never which. */
  readonly weight: number
  /** Where it was in the recorded run. */
  readonly relation: 'before' | 'beside'
}

/** What there is to find out. */
export interface BisectProblem {
  readonly suspects: readonly Suspect[]
  /** Lowest rate of failure that is looked for: 0.1 for a test that fails in one run of ten. */
  readonly floor: number
  /** How many trials may run at once. */
  readonly parallel: number
  /** Most causes to look for, where each suffices. With 1 nobody asks whether there are more. */
  readonly causes: number
  /** Full names of a file's tests, in their order. Undefined where that is not known. */
  readonly testsOf: (file: string) => readonly string[] | undefined
}

/** How often the test failed in trials of one kind. */
export interface Tally {
  readonly failed: number
  readonly passed: number
}

/** Tests of a file that it takes. */
export interface NeededTests {
  readonly names: readonly string[]
  /** Another test of the file does it too: it is what the file does around its tests. */
  readonly any: boolean
}

/** The smallest set of files that makes the test fail: without any of them it does not. */
export interface Cause {
  readonly relation: Relation
  readonly files: readonly string[]
  /** By file. A file that has one test, or whose tests are not known, is not in it. */
  readonly tests: Readonly<Record<string, NeededTests>>
  /** Trials of these files and the test's own alone. */
  readonly with: Tally
}

export type Verdict =
  /** It fails with no other file. */
  | { readonly kind: 'alone'; readonly trials: Tally }
  /** It passed alone until another file had failed it; from then on it fails alone: what a trial leaves outlives it. */
  | { readonly kind: 'outlived'; readonly trials: Tally }
  /** It never failed. `excludes`: with a confidence of 95 %, it fails in less than this part of the trials. */
  | { readonly kind: 'never'; readonly trials: number; readonly excludes: number }
  /** Trials contradict each other: it fails too seldom, or for reasons that have nothing to do with other files. */
  | { readonly kind: 'unclear'; readonly with: Tally; readonly alone: Tally }
  | {
      readonly kind: 'found'
      /** Each suffices. */
      readonly causes: readonly [Cause, ...Cause[]]
      /** The test with no other file. */
      readonly alone: Tally
      /** All suspects but those of the causes: whether there are further causes. Absent if nobody asked. */
      readonly without?: Tally
      /** There are further causes. */
      readonly more: boolean
    }

/** How sure an answer must be. */
export const ERRORS = {
  /** One step of many: a wrong one is found out by those that follow. */
  step: { wrongYes: 0.05, wrongNo: 0.05 },
  /** What decides where to look, and whether there is more to find. */
  usual: { wrongYes: 0.02, wrongNo: 0.02 },
  /** That it fails alone ends the search. */
  alone: { wrongYes: 0.002, wrongNo: 0.02 },
  /** What is told to the user. */
  strict: { wrongYes: 0.002, wrongNo: 0.01 },
} as const satisfies Record<string, ErrorRates>
