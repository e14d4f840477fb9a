import { resolve } from 'node:path'
import { LanesError, suspectsOf } from '@vitest-lanes/core'
import type { BisectProblem, BisectTarget, Verdict } from '@vitest-lanes/core'
import { openTrials } from '../../trial/open.ts'
import { EXIT } from '../exit.ts'
import type { ExitStatus } from '../exit.ts'
import type { LoadedRecord } from '../records.ts'
import { differencesOf } from '../replay/differences.ts'
import type { Terminal } from '../terminal.ts'
import type { ProjectOptions } from '../vitest-of.ts'
import { groundOf } from './common-ground.ts'
import type { GroundOf } from './common-ground.ts'
import { contentsOf } from './contents.ts'
import { repeatCommand } from './failing-run.ts'
import { parallelOf } from './parallel.ts'
import { reportText } from './report-text.ts'
import { reportOf } from './report.ts'
import { resolveTest } from './resolve-test.ts'
import { recordedRuns } from './runs.ts'
import { runSearch } from './run-search.ts'
import type { Search } from './run-search.ts'
import { openState } from './state.ts'
import { readWritten } from './target.ts'
import { conditionsOf } from './trial-plan.ts'
import { trialRunner } from './trial-runner.ts'

export interface BisectOptions extends ProjectOptions {
  /** As Vitest's `-t`: the name of the test, where only its file is written. */
  readonly testNamePattern?: string
  /** A run's record, or a folder of them. */
  readonly record?: string
  /** Lowest rate of failure that is looked for. */
  readonly rate: number
  /** Most causes to look for. */
  readonly causes: number
  /** How many trials at once; as many as are safe where left out. */
  readonly parallel?: number
  /** A command that puts back what no provider cleans, before each trial. */
  readonly reset?: string
  readonly fresh: boolean
  readonly json: boolean
}

/** `vitest-lanes bisect`: the smallest set of files, and of tests in them, that makes a test fail. */
export async function bisect(written: string, given: BisectOptions, terminal: Terminal): Promise<ExitStatus> {
  const options = { ...given, root: resolve(given.root) }
  const { root, reset, fresh } = options
  const runs = await recordedRuns(options.record, root)
  const { target, failure, others } = await resolveTest(
    readWritten(written, options.testNamePattern),
    runs,
    options,
  )
  const { record } = failure
  const ground = await groundOf(root, record, target.file)
  const contents = await contentsOf(record, root)
  const state = await openState({ root, target, run: record.run, contents, fresh })
  await using runner = await trialRunner({
    record,
    target,
    conditions: await conditionsOf(failure),
    root,
    ...(reset === undefined ? {} : { reset }),
    open: () => openTrials({ ...options, filters: [] }),
  })
  const present = new Set(runner.files)
  if (!present.has(target.file)) throw gone(target)
  for (const difference of await differencesOf(record, { root, present }))
    terminal.warn(`${terminal.style('yellow', 'differs')} ${difference}`)
  if (state.outdated)
    terminal.warn('Files have changed since the search for this failure was ended: it begins anew.')

  const search = { target, record, runner, state, terminal, quiet: options.json }
  const problem = problemOf({ failure, others, target, present, ground }, options, search)
  const { verdict, rounds, trials } = await runSearch(search, problem)
  if (verdict === undefined) {
    terminal.warn(`Interrupted after ${trials} trials; the same command goes on from there.`)
    return EXIT.interrupted
  }
  const command =
    verdict.kind === 'found'
      ? await repeatCommand(verdict.causes[0], target, runner, state, options)
      : undefined
  const { message } = state
  const report = reportOf(verdict, { target, record, ground, command, message, rounds, trials })
  terminal.print(options.json ? JSON.stringify(report, undefined, 2) : reportText(report, terminal))
  return statusOf(verdict)
}

interface Known {
  readonly failure: LoadedRecord
  readonly others: readonly LoadedRecord[]
  readonly target: BisectTarget
  readonly present: ReadonlySet<string>
  readonly ground: GroundOf
}

function problemOf(
  { failure: { record }, others, target, present, ground }: Known,
  options: BisectOptions,
  { state }: Pick<Search, 'state'>,
): BisectProblem {
  const suspects = suspectsOf({
    record,
    target,
    others: others.map((other) => other.record),
    present: (file) => present.has(file),
    collides: (file) => ground.collides(file),
  })
  return {
    suspects,
    floor: options.rate,
    causes: options.causes,
    parallel: options.parallel ?? parallelOf(record, [target.file, ...suspects.map(({ id }) => id)]),
    testsOf: (file) => state.testsOf(file),
  }
}

/** No cause in other files is a no. */
function statusOf({ kind }: Verdict): ExitStatus {
  return kind === 'found' ? EXIT.fine : EXIT.no
}

function gone({ file }: BisectTarget): LanesError {
  return new LanesError('LANES_TEST_UNKNOWN', `${file} is in the record, and there no longer.`, {
    hint: 'Run the suite again for a new record.',
  })
}
