import { excludedRate } from '../wilson.ts'
import { roundRobin } from './ask.ts'
import { passesToExclude } from './decide.ts'
import type { Evidence } from './evidence.ts'
import { ERRORS } from './types.ts'
import type { Asking, BisectProblem, Group, Relation, Verdict } from './types.ts'

/** A way in which the test may come to fail. */
type Way = 'alone' | Relation

interface Arm {
  readonly way: Way
  readonly group: Group
}

export type Decision =
  | { readonly kind: 'by'; readonly relation: Relation }
  | Extract<Verdict, { kind: 'alone' | 'outlived' | 'never' | 'unclear' }>

/** An arm that has failed, and is not decided yet, may take so many times as many trials. */
const PATIENCE = 4

/**
 * Decides whether the test fails alone, by order, by overlap, or by both: runs it alone, with all suspects before it,
 * with those beside it that were beside it, and with all as recorded, in turn, until one of them fails often enough.
 * The simpler way is taken: one counts only once those before it in that list are found not to fail.
 */
export function* race(evidence: Evidence, problem: BisectProblem): Asking<Decision> {
  const arms = armsOf(problem)
  const alone = arms[0]!
  const outlived = new Outliving()
  const limit = passesToExclude(problem.floor)
  for (;;) {
    const answers = arms.map(({ way, group }) =>
      evidence.answer(group, way === 'alone' ? ERRORS.alone : ERRORS.usual),
    )
    const winner = answers.indexOf(true)
    if (winner === 0)
      return { kind: outlived.seen ? 'outlived' : 'alone', trials: evidence.tally(alone.group) }
    if (winner > 0 && answers.slice(0, winner).every((answer) => answer === false))
      return { kind: 'by', relation: arms[winner]!.way as Relation }

    const open = arms.filter((arm, index) =>
      winner > 0 ? index < winner && answers[index] === undefined : hasTrialsLeft(evidence, arm, limit),
    )
    if (open.length === 0) return undecided(evidence, arms)
    const groups = roundRobin(mostUrgent(evidence, open), evidence.parallel)
    const outcomes = yield* evidence.run('decide', groups, {
      suspects: problem.suspects.length,
      rounds: Math.ceil(Math.log2(problem.suspects.length + 1)) + 2,
    })
    outlived.note(groups.map((group, index) => [group === alone.group, outcomes[index] === true]))
  }
}

function armsOf({ suspects }: BisectProblem): Arm[] {
  const all = suspects.map(({ id }) => id)
  const beside = suspects.filter(({ relation }) => relation === 'beside').map(({ id }) => id)
  const arms: Arm[] = [{ way: 'alone', group: { relation: 'before', files: [] } }]
  if (all.length > 0) arms.push({ way: 'before', group: { relation: 'before', files: all } })
  if (beside.length > 0) arms.push({ way: 'beside', group: { relation: 'beside', files: beside } })
  // Where nothing was beside it, or nothing before it, one of the others is the same.
  if (beside.length > 0 && beside.length < all.length)
    arms.push({ way: 'recorded', group: { relation: 'recorded', files: all } })
  return arms
}

function undecided(evidence: Evidence, arms: readonly Arm[]): Decision {
  const tallies = arms.map(({ group }) => evidence.tally(group))
  const [alone, ...others] = tallies
  const worst = others.sort((a, b) => b.failed - a.failed)[0] ?? alone!
  if (tallies.some(({ failed }) => failed > 0)) return { kind: 'unclear', with: worst, alone: alone! }
  const trials = Math.min(...tallies.map(({ passed }) => passed))
  return { kind: 'never', trials, excludes: excludedRate(trials) }
}

function hasTrialsLeft(evidence: Evidence, { group }: Arm, limit: number): boolean {
  const { failed, passed } = evidence.tally(group)
  return failed + passed < (failed > 0 ? PATIENCE * limit : limit)
}

/** Those that most likely fail, where one has; else those that have run least. */
function mostUrgent(evidence: Evidence, arms: readonly Arm[]): Group[] {
  const groups = arms.map(({ group }) => group)
  const failing = groups.filter((group) => evidence.tally(group).failed > 0 && evidence.ratio(group) > 0)
  if (failing.length > 0) return failing.sort((a, b) => evidence.ratio(b) - evidence.ratio(a))
  const trials = (group: Group): number => evidence.tally(group).failed + evidence.tally(group).passed
  return groups.sort((a, b) => trials(a) - trials(b))
}

/** Notices that a test passed alone until it had failed with others, and failed alone each time since. */
class Outliving {
  #passedBefore = false
  #failedWithOthers = false
  #passedSince = false

  get seen(): boolean {
    return this.#passedBefore && this.#failedWithOthers && !this.#passedSince
  }

  note(outcomes: readonly (readonly [isAlone: boolean, failed: boolean])[]): void {
    for (const [isAlone, failed] of outcomes) {
      if (!isAlone) this.#failedWithOthers ||= failed
      else if (!failed && this.#failedWithOthers) this.#passedSince = true
      else if (!failed) this.#passedBefore = true
    }
  }
}
