import { Bisection } from '@vitest-lanes/core'
import type { Batch, BisectProblem, BisectTarget, RunRecord, Verdict } from '@vitest-lanes/core'
import { count, duration } from '@vitest-lanes/report'
import { showProgress } from '../progress.ts'
import type { Terminal } from '../terminal.ts'
import { Estimate, Round, outlookText } from './progress.ts'
import type { State } from './state.ts'
import type { TrialRunner } from './trial-runner.ts'

export interface Search {
  readonly target: BisectTarget
  /** The run in which the test failed. */
  readonly record: RunRecord
  readonly runner: TrialRunner
  readonly state: State
  readonly terminal: Terminal
  /** Shows no progress. */
  readonly quiet: boolean
}

export interface Searched {
  /** Undefined: it was interrupted. */
  readonly verdict: Verdict | undefined
  readonly rounds: number
  /** Those of before, too. */
  readonly trials: number
}

/** Runs trials until the cause is found, keeps each outcome, and tells each round in a line. */
export async function runSearch(search: Search, problem: BisectProblem): Promise<Searched> {
  const { target, record, runner, state, terminal, quiet } = search
  const bisection = new Bisection(problem, state.trials)
  const estimate = new Estimate(record, target.file)
  const say = (line: string): void => {
    if (!quiet) terminal.warn(line)
  }
  const { step: first } = bisection
  say(
    [
      `${target.file} > ${target.name}: ${count(problem.suspects.length, 'suspect')}`,
      ...(state.trials.length > 0 ? [`${count(state.trials.length, 'trial')} of before`] : []),
      ...(problem.parallel > 1 ? [`${problem.parallel} trials at once`] : []),
      ...(first.kind === 'run' ? [`about ${duration(estimate.left(first.batch, problem.parallel))}`] : []),
    ].join(', '),
  )
  const ended = (verdict: Verdict | undefined): Searched => {
    const { rounds, trials } = bisection
    return { verdict, rounds, trials: trials.length }
  }

  let round: Round | undefined
  for (let { step } = bisection; ; { step } = bisection) {
    if (round !== undefined && (step.kind === 'done' || step.batch.round !== round.number)) say(round.text())
    if (step.kind === 'done') return ended(step.verdict)
    const { batch } = step
    if (round?.number !== batch.round) round = new Round(batch.round)
    await runBatch(search, batch, { bisection, estimate, round, parallel: problem.parallel })
    if (runner.interrupted.aborted) return ended(undefined)
  }
}

async function runBatch(
  { runner, state, terminal, quiet }: Search,
  batch: Batch,
  {
    bisection,
    estimate,
    round,
    parallel,
  }: {
    readonly bisection: Bisection
    readonly estimate: Estimate
    readonly round: Round
    readonly parallel: number
  },
): Promise<void> {
  const outlook = outlookText(batch, estimate.left(batch, parallel))
  const hide = showProgress(terminal, quiet, () => {
    const { ended, files } = runner.progress()
    return `${round.text()} · trial: ${ended} of ${count(files, 'file')} · ${outlook}`
  })
  try {
    await runner.run(batch.groups, async (group, ran) => {
      estimate.note(group, ran.took)
      round.note(group, ran.failed)
      bisection.note(group, ran.failed)
      await state.save(bisection.trials, group, ran)
    })
  } finally {
    hide()
  }
}
