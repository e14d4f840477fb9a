import { Bisection, randomNumbers, simulateTrial } from '@vitest-lanes/core'
import type { BisectProblem, SimulatedSuite, Suspect, Verdict } from '@vitest-lanes/core'
import { judge } from './judge.ts'
import { median } from './median.ts'
import type { BenchResult } from './result.ts'

const SEARCHES = 100
/** All but the test's own. */
const SUSPECTS = 199
const MOST_TESTS = 6
const FLAKE = 0.3

/** How many rounds a search takes, and how often it names the file at fault, on a simulated suite of 200 files. */
export function bisect(): Promise<BenchResult[]> {
  const steady = searches({ rate: 1 })
  const flaky = searches({ rate: FLAKE })
  const wrong = flaky.filter(({ right }) => !right).length
  return Promise.resolve([
    judge('bisect.rounds', median(steady.map(({ rounds }) => rounds)), 'rounds', 12),
    judge('bisect.trials', median(steady.map(({ trials }) => trials)), 'trials', Number.POSITIVE_INFINITY),
    judge('bisect.wrong', steady.filter(({ right }) => !right).length, 'of 100', 0),
    judge(
      'bisect.rounds-at-30-percent',
      median(flaky.map(({ rounds }) => rounds)),
      'rounds',
      Number.POSITIVE_INFINITY,
    ),
    judge(
      'bisect.trials-at-30-percent',
      median(flaky.map(({ trials }) => trials)),
      'trials',
      Number.POSITIVE_INFINITY,
    ),
    judge('bisect.wrong-at-30-percent', wrong, 'of 100', 5),
  ])
}

interface Searched {
  readonly rounds: number
  readonly trials: number
  readonly right: boolean
}

function searches({ rate }: Pick<SimulatedSuite, 'rate'>): Searched[] {
  return Array.from({ length: SEARCHES }, (_, index) => search(index + 1, rate))
}

/** One polluter that ran somewhere before the test, or beside it; nothing tells it from the other files beforehand. */
function search(seed: number, rate: number): Searched {
  const random = randomNumbers(seed)
  const below = (count: number): number => Math.floor(random() * count)
  const suspects = Array.from({ length: SUSPECTS }, (_, index): Suspect => ({
    id: `file-${index}`,
    weight: 1,
    relation: index < SUSPECTS - 3 ? 'before' : 'beside',
  }))
  const culprit = `file-${below(SUSPECTS)}`
  const tests = Array.from({ length: 1 + below(MOST_TESTS) }, (_, index) => `test ${index}`)
  const needed = below(2) === 0 ? [] : [tests[below(tests.length)]!]
  const suite: SimulatedSuite = {
    causes: [{ relation: 'before', files: [culprit], tests: { [culprit]: needed } }],
    rate,
    background: 0,
  }
  const problem: BisectProblem = { suspects, floor: 0.1, parallel: 1, causes: 3, testsOf: () => tests }
  const bisection = new Bisection(problem)
  for (let { step } = bisection; ; { step } = bisection) {
    if (step.kind === 'done') {
      const { rounds, trials } = bisection
      return { rounds, trials: trials.length, right: isRight(step.verdict, culprit, needed) }
    }
    for (const group of step.batch.groups) bisection.note(group, simulateTrial(suite, group, random))
  }
}

/** It, and nothing else, with the test that it takes. */
function isRight(verdict: Verdict, culprit: string, needed: readonly string[]): boolean {
  if (verdict.kind !== 'found' || verdict.causes.length > 1) return false
  const [{ files, tests }] = verdict.causes
  const names = tests[culprit]?.names ?? needed
  return files.join() === culprit && (needed.length === 0 || names.join() === needed.join())
}
