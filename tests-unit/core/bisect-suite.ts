import { Bisection, randomNumbers, simulateTrial } from '@vitest-lanes/core'
import type {
  BisectProblem,
  BisectTrial,
  Group,
  SimulatedCause,
  SimulatedSuite,
  Suspect,
  Verdict,
} from '@vitest-lanes/core'

/** A search over a simulated suite. */
export interface Searched {
  readonly verdict: Verdict
  readonly rounds: number
  readonly trials: readonly BisectTrial[]
}

/** Files `file-0` and so on; those from `beside` on were beside the test, the others before it. */
export function filesOf(count: number, beside = count): Suspect[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `file-${index}`,
    weight: 1,
    relation: index < beside ? 'before' : 'beside',
  }))
}

export function problemOf(suspects: readonly Suspect[], more: Partial<BisectProblem> = {}): BisectProblem {
  return { suspects, floor: 0.1, parallel: 1, causes: 3, testsOf: () => undefined, ...more }
}

export function suiteOf(
  causes: readonly SimulatedCause[],
  more: Partial<SimulatedSuite> = {},
): SimulatedSuite {
  return { causes, rate: 1, background: 0, ...more }
}

/** One file, or several together, before the test. */
export function before(...files: readonly string[]): SimulatedCause {
  return { relation: 'before', files }
}

export function beside(...files: readonly string[]): SimulatedCause {
  return { relation: 'beside', files }
}

/**
 * Runs a search to its end, trial by trial.
 * @param trials of an earlier search, which is resumed
 */
export function search(
  problem: BisectProblem,
  fails: (group: Group) => boolean,
  trials: readonly BisectTrial[] = [],
): Searched {
  const bisection = new Bisection(problem, trials)
  for (let { step } = bisection; ; { step } = bisection) {
    if (step.kind === 'done')
      return { verdict: step.verdict, rounds: bisection.rounds, trials: bisection.trials }
    for (const group of step.batch.groups) bisection.note(group, fails(group))
  }
}

export function simulated(suite: SimulatedSuite, seed: number): (group: Group) => boolean {
  const random = randomNumbers(seed)
  return (group) => simulateTrial(suite, group, random)
}

/** The files of each cause, sorted. */
export function found(verdict: Verdict): string[][] {
  return verdict.kind === 'found' ? verdict.causes.map(({ files }) => [...files].sort()) : []
}
