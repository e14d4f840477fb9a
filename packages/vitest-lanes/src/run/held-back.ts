import type { Gate } from '@vitest-lanes/core'
import type { Moment } from './recorder.ts'

/** Jobs of a directed run that a gate holds back. Without a gate it lets everything through at once. */
export class HeldBack {
  readonly #gate: Gate | undefined
  readonly #go: (ids: readonly string[]) => void
  /** Let through, to go a moment later. */
  #delayed = 0

  /** @param go is told who may be admitted */
  constructor(gate: Gate | undefined, go: (ids: readonly string[]) => void) {
    this.#gate = gate
    this.#go = go
  }

  /** Jobs have come. */
  hold(ids: readonly string[]): void {
    if (this.#gate === undefined) return this.#go(ids)
    for (const id of ids) this.#gate.hold(id)
  }

  /** Something has happened to a file. Returns whether others may go for that. */
  reached(id: string, moment: Moment): boolean {
    if (this.#gate === undefined || moment === 'ready' || moment === 'exited') return false
    this.#gate.reached(id, moment)
    return true
  }

  left(id: string): void {
    this.#gate?.left(id)
  }

  /** In which lane a file runs that was granted this one. */
  laneOf(id: string, granted: number): number {
    return this.#gate?.enter(id) ?? granted
  }

  /** @param others how many files run, or wait, whether held back or not */
  pass(others: number): void {
    if (this.#gate === undefined) return
    const passing = this.#gate.open(others === this.#gate.size && this.#delayed === 0)
    const now = passing.filter(({ wait }) => wait === 0)
    if (now.length > 0) this.#go(now.map(({ file }) => file))
    for (const { file, wait } of passing) {
      if (wait === 0) continue
      this.#delayed++
      setTimeout(() => {
        this.#delayed--
        this.#go([file])
      }, wait)
    }
  }
}
