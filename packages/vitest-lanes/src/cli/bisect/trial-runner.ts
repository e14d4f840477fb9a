import { LanesError } from '@vitest-lanes/core'
import type { BisectTarget, Group, RunRecord } from '@vitest-lanes/core'
import type { TrialProgress, TrialResult, Trials } from '../../trial/types.ts'
import { outcomeOf } from './outcome.ts'
import type { TrialOutcome } from './outcome.ts'
import { reset } from './reset.ts'
import { trialPlan } from './trial-plan.ts'
import type { Conditions } from './trial-plan.ts'

export interface TrialRunnerOptions {
  readonly record: RunRecord
  readonly target: BisectTarget
  readonly conditions: Conditions
  readonly root: string
  /** Puts back what no provider cleans, before each trial. */
  readonly reset?: string
  /** Opens a Vitest for trials: one for each trial that runs at once. */
  readonly open: () => Promise<Trials>
}

export interface RanTrial extends TrialOutcome {
  readonly result: TrialResult
  /** ms */
  readonly took: number
}

/** Runs trials, each with instances that are clean. */
export interface TrialRunner extends AsyncDisposable {
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal
  readonly files: readonly string[]
  /** How far the trials have come that are under way: files that have ended, and all. */
  progress(): TrialProgress
  /** All at once; each is told as it ends. One that was interrupted is not told. */
  run(groups: readonly Group[], each: (group: Group, ran: RanTrial) => Promise<void>): Promise<void>
}

export async function trialRunner(options: TrialRunnerOptions): Promise<TrialRunner> {
  const first = await options.open()
  const all: Trials[] = [first]
  const runOne = async (trials: Trials, group: Group): Promise<RanTrial | undefined> => {
    const begun = performance.now()
    if (options.reset !== undefined) await reset(options.reset, options.root, first.interrupted)
    if (first.interrupted.aborted) return undefined
    const plan = trialPlan(options.record, options.target.file, group, options.conditions)
    const result = await trials.run(plan, first.interrupted)
    if (first.interrupted.aborted) return undefined
    if (result.record.outcome === 'interrupted') throw unfinished(result)
    return { ...outcomeOf(result, options.target), result, took: performance.now() - begun }
  }
  return {
    interrupted: first.interrupted,
    files: await first.files(),
    progress: () =>
      all
        .map((trials) => trials.progress())
        .reduce((sum, { files, ended }) => ({ files: sum.files + files, ended: sum.ended + ended })),
    async run(groups, each) {
      while (all.length < groups.length) all.push(await options.open())
      await Promise.all(
        groups.map(async (group, index) => {
          const ran = await runOne(all[index]!, group)
          if (ran !== undefined) await each(group, ran)
        }),
      )
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((trials) => trials.close()))
    },
  }
}

function unfinished({ unhandled }: TrialResult): LanesError {
  return new LanesError('LANES_TRIAL', 'A trial ended before its files did.', {
    hint: unhandled[0] ?? 'Run the suite as usual to see why.',
  })
}
