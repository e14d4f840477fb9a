import { fileKey } from '@vitest-lanes/core'
import type { BisectTarget, BisectTrial, Group, RunRecord } from '@vitest-lanes/core'
import { stateFile } from './state-file.ts'
import type { KeptState, StateFile } from './state-file.ts'
import type { RanTrial } from './trial-runner.ts'

export interface StateOptions {
  readonly root: string
  readonly target: BisectTarget
  /** The run of the record. */
  readonly run: string
  /** By `fileKey`: hash of each file's text. */
  readonly contents: ReadonlyMap<string, string>
  /** Discards what is there. */
  readonly fresh: boolean
}

/** What a search knows beside its trials; kept after each of them. */
export class State {
  /** Trials of before. */
  readonly trials: readonly BisectTrial[]
  /** There was a search of files that have changed since. */
  readonly outdated: boolean
  readonly #file: StateFile
  readonly #options: StateOptions
  readonly #tests: Map<string, readonly string[]>
  #message: string
  /** Files of the smallest trial that failed and whose record was written. */
  #smallest = Number.POSITIVE_INFINITY
  #writing: Promise<void> = Promise.resolve()

  constructor(file: StateFile, options: StateOptions, kept: KeptState | undefined, outdated: boolean) {
    this.#file = file
    this.#options = options
    this.outdated = outdated
    this.trials = kept?.trials ?? []
    this.#tests = new Map(Object.entries(kept?.tests ?? {}))
    this.#message = kept?.message ?? ''
  }

  /** What the last failure said. */
  get message(): string {
    return this.#message
  }

  /** Where the record of the smallest trial that failed is. */
  get failure(): string {
    return this.#file.failure
  }

  /** Writes it. */
  writeFailure(record: RunRecord): Promise<void> {
    return this.#file.writeFailure(JSON.stringify(record))
  }

  testsOf(file: string): readonly string[] | undefined {
    return this.#tests.get(file)
  }

  /** Keeps what a trial has shown. */
  async save(
    trials: readonly BisectTrial[],
    group: Group,
    { failed, message, result }: RanTrial,
  ): Promise<void> {
    if (group.tests === undefined) for (const [file, names] of testsIn(result)) this.#tests.set(file, names)
    if (failed) this.#message = message
    const { target, run, contents } = this.#options
    const state = {
      target,
      run,
      trials: [...trials],
      tests: Object.fromEntries(this.#tests),
      contents: Object.fromEntries(contents),
      message: this.#message,
    }
    const isSmallest = failed && group.files.length > 0 && group.files.length <= this.#smallest
    // Trials that run at once end in any order: the last one's state is the fullest.
    this.#writing = this.#writing.then(async () => {
      await this.#file.write(state)
      if (!isSmallest || group.tests !== undefined) return
      this.#smallest = group.files.length
      await this.writeFailure(result.record)
    })
    await this.#writing
  }
}

/**
 * Opens what an earlier search for the same failure has left.
 * @throws LanesError LANES_BISECT_STATE where it cannot be read
 */
export async function openState(options: StateOptions): Promise<State> {
  const file = stateFile(options.root, options.target, options.run)
  if (options.fresh) await file.discard()
  const kept = await file.read()
  if (kept === undefined) return new State(file, options, undefined, false)
  const isOutdated = Object.entries(kept.contents).some(
    ([key, content]) => options.contents.get(key) !== content,
  )
  return new State(file, options, isOutdated ? undefined : kept, isOutdated)
}

/** By file, the tests that ran, in their order. */
function testsIn({ tests }: RanTrial['result']): ReadonlyMap<string, readonly string[]> {
  const ran = tests.filter(({ state }) => state === 'passed' || state === 'failed')
  const names = new Map<string, string[]>()
  for (const test of ran) names.set(fileKey(test), [...(names.get(fileKey(test)) ?? []), test.name])
  return names
}
