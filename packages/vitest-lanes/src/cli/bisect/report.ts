import type { BisectTarget, Cause, NeededTests, RunRecord, Tally, Verdict } from '@vitest-lanes/core'
import type { CommonGround, GroundOf } from './common-ground.ts'
import { sentenceOf } from './sentence.ts'

/** A file at fault. */
export interface FileAtFault {
  readonly file: string
  /** Which tests it takes. Absent where the file has one, or all are needed. */
  readonly tests?: NeededTests
  readonly ground: CommonGround
}

/** What `bisect --json` writes. API: documented in docs/bisect.md. */
export interface BisectReport {
  readonly version: 1
  readonly test: BisectTarget
  readonly kind: Verdict['kind']
  readonly sentence: string
  /** Each suffices. Empty unless `kind` is `found`. */
  readonly causes: readonly {
    readonly relation: Cause['relation']
    readonly files: readonly FileAtFault[]
    /** Trials of these files and the test's own alone. */
    readonly with: Tally
  }[]
  /** There are further causes. */
  readonly more: boolean
  /** Trials of the test's file with no other. */
  readonly alone?: Tally
  /** Trials without the files of the causes. */
  readonly without?: Tally
  /** Where it never failed: the rate of failure that is excluded, with a confidence of 95 %. */
  readonly excludes?: number
  readonly rounds: number
  readonly trials: number
  /** First line of what the last failure said. */
  readonly message?: string
  /** Repeats the failure with nothing but the first cause. */
  readonly command?: string
  /** The run in which the test failed. */
  readonly run: string
}

export interface ReportOptions {
  readonly target: BisectTarget
  readonly record: RunRecord
  readonly ground: GroundOf
  readonly command: string | undefined
  readonly message: string
  readonly rounds: number
  readonly trials: number
}

export function reportOf(verdict: Verdict, options: ReportOptions): BisectReport {
  const { target, record, ground, command, rounds, trials } = options
  const message = options.message.split('\n', 1)[0]!.trim()
  return {
    version: 1,
    test: target,
    kind: verdict.kind,
    sentence: sentenceOf(verdict, target),
    causes:
      verdict.kind === 'found'
        ? verdict.causes.map(({ relation, files, tests, with: tally }) => ({
            relation,
            files: files.map((file): FileAtFault => ({
              file,
              ...(tests[file] === undefined ? {} : { tests: tests[file] }),
              ground: ground(file),
            })),
            with: tally,
          }))
        : [],
    more: verdict.kind === 'found' && verdict.more,
    ...talliesOf(verdict),
    rounds,
    trials,
    ...(message === '' ? {} : { message }),
    ...(command === undefined ? {} : { command }),
    run: record.run,
  }
}

function talliesOf(verdict: Verdict): Pick<BisectReport, 'alone' | 'without' | 'excludes'> {
  switch (verdict.kind) {
    case 'alone':
    case 'outlived':
      return { alone: verdict.trials }
    case 'never':
      return { excludes: verdict.excludes }
    case 'unclear':
      return { alone: verdict.alone }
    case 'found':
      return { alone: verdict.alone, ...(verdict.without === undefined ? {} : { without: verdict.without }) }
    default:
      return verdict satisfies never
  }
}
