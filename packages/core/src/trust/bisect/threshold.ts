import { logOf } from './belief.ts'
import type { Belief } from './belief.ts'
import { BACKGROUND } from './decide.ts'
import type { Evidence } from './evidence.ts'
import { ERRORS } from './types.ts'
import type { Asking, Batch, Group, Tally } from './types.ts'

/** Probability that not even all suspects together make the test fail: an answer before was wrong. */
const NEVER = 0.02
/** How probable a suspect must be. It is made sure of afterwards. */
const ENOUGH = 0.9
/** As many trials find nothing: the most probable is taken. */
const MOST_TRIALS = 600

export interface ThresholdOptions {
  readonly evidence: Evidence
  readonly phase: Batch['phase']
  /** The group of the first so many suspects; of 1 at least. */
  readonly groupOf: (count: number) => Group
  /** Of each suspect, in order. */
  readonly weights: readonly number[]
}

/**
 * Finds the number of suspects, from the first on, that it takes to make the test fail. The last of these is needed:
 * without it the rest does not. Holds whether one suspect is at fault, several together, or several on their own.
 *
 * A binary search that goes by probabilities in the place of places: each step takes the suspects up to the one at
 * which half of the probability lies, and repeats their trial until it is decided (`ERRORS.step`). No answer is final:
 * all are kept as odds, and those that follow put a wrong one right. Where several trials can run at once a round
 * divides the suspects into more parts than two.
 *
 * @returns from 1 to the number of suspects; undefined if not even all of them make it fail
 */
export function* threshold(options: ThresholdOptions): Asking<number | undefined> {
  const { evidence, phase, weights } = options
  const all = weights.length
  const groups = new Map([[all, options.groupOf(all)]])
  const groupOf = (count: number): Group => {
    const group = groups.get(count) ?? options.groupOf(count)
    groups.set(count, group)
    return group
  }
  const odds = new Odds(weights, evidence, groupOf(all))
  for (let trials = 0; trials < MOST_TRIALS && odds.best().probability < ENOUGH;) {
    evidence.nextRound()
    const cuts = odds.cuts(evidence.parallel)
    const before = odds.upTo(cuts[0]!)
    let isOver: boolean
    do {
      const left = { suspects: odds.left(), rounds: Math.ceil(odds.bits()) + 1 }
      const outcomes = yield* evidence.run(phase, cuts.map(groupOf), left)
      for (const [index, cut] of cuts.entries()) odds.note(cut, tallyOf(outcomes[index] === true))
      trials += cuts.length
      isOver = isDecided(before, odds.upTo(cuts[0]!)) || odds.best().probability >= ENOUGH
    } while (!isOver && cuts.length === 1 && trials < MOST_TRIALS)
  }
  const { count } = odds.best()
  if (count > all) return undefined
  // Whatever was tried with all of these had the cause in it.
  for (const [tried, group] of groups)
    if (tried >= count && evidence.tally(group).failed > 0) evidence.hasCause(group)
  return count
}

function tallyOf(failed: boolean): Tally {
  return failed ? { failed: 1, passed: 0 } : { failed: 0, passed: 1 }
}

/** Wald's bounds, for the odds after over the odds before. */
function isDecided(before: number, after: number): boolean {
  const { wrongYes, wrongNo } = ERRORS.step
  const ratio = after / (1 - after) / (before / (1 - before))
  return ratio >= (1 - wrongNo) / wrongYes || ratio <= wrongNo / (1 - wrongYes)
}

/** How probable each number of suspects is, together with each rate of failure. */
class Odds {
  readonly #belief: Belief
  /** By count - 1, then by rate. The last is for `NEVER`. Sum 1. */
  readonly #joint: readonly Float64Array[]
  /** By count - 1. */
  #marginal: number[] = []

  constructor(weights: readonly number[], evidence: Evidence, all: Group) {
    this.#belief = evidence.belief([all])
    const sum = sumOf(weights)
    const priors = [...weights.map((weight) => ((1 - NEVER) * weight) / sum), NEVER]
    this.#joint = priors.map((prior) => Float64Array.from(this.#belief.weights, (weight) => prior * weight))
    // What is known of all together speaks for the rate of failure.
    this.note(weights.length, evidence.tally(all))
  }

  note(count: number, seen: Tally): void {
    const without = Math.exp(logOf(BACKGROUND, seen))
    const factors = this.#belief.rates.map((rate) => Math.exp(logOf(rate, seen)))
    for (const [index, row] of this.#joint.entries())
      for (let column = 0; column < row.length; column++)
        row[column]! *= index < count ? factors[column]! : without
    this.#normalise()
  }

  #normalise(): void {
    const sums = this.#joint.map(sumOf)
    const sum = sumOf(sums)
    for (const row of this.#joint) for (let column = 0; column < row.length; column++) row[column]! /= sum
    this.#marginal = sums.map((odds) => odds / sum)
  }

  best(): { count: number; probability: number } {
    const probability = Math.max(...this.#marginal)
    return { count: this.#marginal.indexOf(probability) + 1, probability }
  }

  /** Probability that so many suspects suffice. */
  upTo(count: number): number {
    return sumOf(this.#marginal.slice(0, count))
  }

  /** Counts that divide the probability evenly into one part more than there are cuts. */
  cuts(most: number): number[] {
    const marginal = this.#marginal
    const suspects = marginal.length - 1
    const cuts = Array.from({ length: most }, (_, index) => {
      const aim = (index + 1) / (most + 1)
      let [count, sum] = [0, 0]
      while (count < suspects && (count === 0 || sum + marginal[count]! / 2 < aim)) sum += marginal[count++]!
      return count
    })
    return [...new Set(cuts)]
  }

  /** How many suspects are still worth a thought. */
  left(): number {
    const { probability } = this.best()
    return this.#marginal.filter((odds) => odds > probability / 20).length
  }

  bits(): number {
    return -sumOf(this.#marginal.map((odds) => (odds > 0 ? odds * Math.log2(odds) : 0)))
  }
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0
  for (const each of numbers) sum += each
  return sum
}
