import { fileKey } from '@vitest-lanes/core'
import type { Batch, Group, RunRecord } from '@vitest-lanes/core'
import { count, duration, durationOf } from '@vitest-lanes/report'

/** Setting up and ending a trial, in ms, before any has run. */
const FIRST_OVERHEAD = 1000

/** Estimates how long trials take, from the recorded run and from the trials so far. */
export class Estimate {
  readonly #durations: ReadonlyMap<string, number>
  readonly #lanes: number
  readonly #own: string
  /** Of the trials so far: what they took, and what was expected. */
  #took = 0
  #expected = 0

  constructor(record: RunRecord, own: string) {
    this.#durations = new Map(record.files.map((file) => [fileKey(file), durationOf(file)]))
    this.#lanes = record.lanes
    this.#own = own
  }

  note(group: Group, took: number): void {
    this.#took += took
    this.#expected += this.#expectation(group)
  }

  /** ms until the search has ended, about. */
  left({ groups, outlook }: Batch, parallel: number): number {
    const scale = this.#expected > 0 ? this.#took / this.#expected : 1
    const least = this.#expectation({ relation: 'before', files: [] })
    const now = Math.max(least, ...groups.map((group) => this.#expectation(group)))
    // Each round has about half as many files as the one before.
    const rounds = Array.from({ length: outlook.rounds }, (_, index) => Math.max(least, now / 2 ** index))
    const all = rounds.reduce((sum, each) => sum + each, 0)
    return (scale * all * outlook.trials) / Math.min(parallel, Math.max(1, outlook.trials))
  }

  #expectation({ relation, files }: Group): number {
    const sum = files.reduce((total, file) => total + (this.#durations.get(file) ?? 0), 0)
    const lanes = relation === 'before' ? 1 : this.#lanes
    return FIRST_OVERHEAD + sum / lanes + (this.#durations.get(this.#own) ?? 0)
  }
}

/** What the trials of one round have shown so far. */
export class Round {
  readonly number: number
  readonly #groups = new Map<string, { readonly group: Group; failed: number; trials: number }>()

  constructor(number: number) {
    this.number = number
  }

  note(group: Group, failed: boolean): void {
    const key = JSON.stringify(group)
    const seen = this.#groups.get(key) ?? { group, failed: 0, trials: 0 }
    seen.failed += Number(failed)
    seen.trials++
    this.#groups.set(key, seen)
  }

  /** `round 3 · 50 files before it: failed 2 of 2`. */
  text(): string {
    const shown = [...this.#groups.values()].map(
      ({ group, failed, trials }) => `${groupText(group)}: failed ${failed} of ${trials}`,
    )
    return [`round ${this.number}`, ...shown].join(' · ')
  }
}

/** `about 2 min left, 50 suspects`. */
export function outlookText({ outlook }: Batch, left: number): string {
  return `about ${duration(left)} left, ${count(outlook.suspects, 'suspect')}`
}

function groupText({ relation, files, tests = {} }: Group): string {
  if (files.length === 0) return 'alone'
  const only = Object.values(tests).at(-1)
  const what = only === undefined ? '' : only.length === 1 ? `\`${only[0]}\` of ` : `${only.length} tests of `
  return `${what}${count(files.length, 'file')} ${WORDS[relation]}`
}

const WORDS = { before: 'before it', beside: 'beside it', recorded: 'as recorded' }
