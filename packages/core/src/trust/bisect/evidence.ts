import { firstBelief, learned, meanRate } from './belief.ts'
import type { Belief } from './belief.ts'
import { decide, logRatio, passesForNo } from './decide.ts'
import type { ErrorRates } from './decide.ts'
import { createSignatures } from './signature.ts'
import { ERRORS } from './types.ts'
import type { Batch, Group, Outlook, Tally } from './types.ts'

const NONE: Tally = { failed: 0, passed: 0 }

/** What the trials of one search have shown so far. */
export class Evidence {
  readonly parallel: number
  readonly #first: Belief
  readonly #tallies = new Map<string, Tally>()
  readonly #signatureOf = createSignatures()
  /** Signatures of groups that have the cause. */
  readonly #positive = new Set<string>()
  #round = 0

  constructor({ floor, parallel }: { readonly floor: number; readonly parallel: number }) {
    this.#first = firstBelief(floor)
    this.parallel = parallel
  }

  get round(): number {
    return this.#round
  }

  nextRound(): void {
    this.#round++
  }

  tally(group: Group): Tally {
    return this.#tallies.get(this.#signatureOf(group)) ?? NONE
  }

  /** Asks for trials, and keeps their outcomes. */
  *run(
    phase: Batch['phase'],
    groups: readonly Group[],
    left: { suspects: number; rounds: number },
  ): Generator<Batch, readonly boolean[], readonly boolean[]> {
    const outlook: Outlook = { ...left, trials: this.#trialsOfRound() }
    const outcomes = yield { round: this.#round, phase, groups, outlook }
    for (const [index, group] of groups.entries()) {
      const { failed, passed } = this.tally(group)
      const hasFailed = outcomes[index] === true
      this.#tallies.set(this.#signatureOf(group), {
        failed: failed + Number(hasFailed),
        passed: passed + Number(!hasFailed),
      })
    }
    return outcomes
  }

  /** Whether a group has the cause, as far as its trials tell. */
  answer(group: Group, errors: ErrorRates): boolean | undefined {
    const answer = decide(this.belief([group]), this.tally(group), errors)
    if (answer === true) this.hasCause(group)
    return answer
  }

  /** Log of how much likelier the trials of a group are with the cause than without. */
  ratio(group: Group): number {
    return logRatio(this.belief([group]), this.tally(group))
  }

  /** What is known of the rate, from groups that have the cause. Those left out must not speak for themselves. */
  belief(leftOut: readonly Group[] = []): Belief {
    const out = new Set(leftOut.map(this.#signatureOf))
    let [failed, passed] = [0, 0]
    for (const known of this.#positive) {
      const tally = out.has(known) ? NONE : (this.#tallies.get(known) ?? NONE)
      failed += tally.failed
      passed += tally.passed
    }
    return learned(this.#first, { failed, passed })
  }

  hasCause(group: Group): void {
    this.#positive.add(this.#signatureOf(group))
  }

  #trialsOfRound(): number {
    const belief = this.belief()
    return (1 / meanRate(belief) + passesForNo(belief, ERRORS.step)) / 2
  }
}
