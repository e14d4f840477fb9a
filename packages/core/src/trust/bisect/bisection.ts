import { bisect } from './bisect.ts'
import { createSignatures } from './signature.ts'
import type { Asking, Batch, BisectProblem, Group, Verdict } from './types.ts'

/** A trial that has run. A list of them is all that a search needs to go on where it was: plain JSON. */
export interface BisectTrial {
  /** Which group: the same text for groups that run the same. */
  readonly group: string
  readonly failed: boolean
}

/** What is to be done next. */
export type BisectStep =
  | { readonly kind: 'run'; readonly batch: Batch }
  | { readonly kind: 'done'; readonly verdict: Verdict }

/**
 * A search that can be ended at any trial and resumed: the same problem with the trials of before asks for none of them
 * again.
 */
export class Bisection {
  readonly #search: Asking<Verdict>
  readonly #trials: BisectTrial[] = []
  /** Outcomes that nobody has asked for yet, by group. */
  readonly #waiting = new Map<string, boolean[]>()
  #current: IteratorResult<Batch, Verdict>
  readonly #signatureOf = createSignatures()
  #rounds = 0

  constructor(problem: BisectProblem, trials: readonly BisectTrial[] = []) {
    this.#search = bisect(problem)
    this.#current = this.#search.next()
    for (const { group, failed } of trials) this.#keep(group, failed)
    this.#goOn()
  }

  /** All trials so far, those of before too. */
  get trials(): readonly BisectTrial[] {
    return this.#trials
  }

  /** How many rounds there were, those of before too. */
  get rounds(): number {
    return this.#rounds
  }

  /** Asks only for the trials that are still missing. */
  get step(): BisectStep {
    if (this.#current.done === true) return { kind: 'done', verdict: this.#current.value }
    const batch = this.#current.value
    const there = new Map([...this.#waiting].map(([group, outcomes]) => [group, outcomes.length]))
    const groups = batch.groups.filter((group) => {
      const left = there.get(this.#signatureOf(group)) ?? 0
      there.set(this.#signatureOf(group), left - 1)
      return left <= 0
    })
    return { kind: 'run', batch: { ...batch, groups } }
  }

  note(group: Group, failed: boolean): void {
    this.#keep(this.#signatureOf(group), failed)
    this.#goOn()
  }

  #keep(group: string, failed: boolean): void {
    this.#trials.push({ group, failed })
    const waiting = this.#waiting.get(group)
    if (waiting === undefined) this.#waiting.set(group, [failed])
    else waiting.push(failed)
  }

  #goOn(): void {
    for (let step = this.step; step.kind === 'run' && step.batch.groups.length === 0; step = this.step) {
      const { groups, round } = (this.#current as IteratorYieldResult<Batch>).value
      this.#rounds = round
      const outcomes = groups.map((group) => this.#waiting.get(this.#signatureOf(group))!.shift()!)
      this.#current = this.#search.next(outcomes)
    }
  }
}
