import type { PlannedSpec } from '../files/planner.ts'
import type { ResolvedOptions } from '../options.ts'
import type { SplitTrial } from './preview.ts'
import { splitFiles } from './split-files.ts'
import type { SplitContext } from './split-files.ts'
import type { SplitFile } from './splits.ts'

/** Decides for each run of one Vitest which files run in parts. */
export class SplitPlanner {
  readonly #options: ResolvedOptions
  readonly #lanes: number
  readonly #declared: () => SplitContext['resources']
  /** Where all files are to run in parts: those of the last run, with the reason why they could not. */
  #tried: ReadonlyMap<string, string | undefined> | undefined

  /** @param declared everything that a file can claim, once that is known */
  constructor(options: ResolvedOptions, lanes: number, declared: () => SplitContext['resources']) {
    this.#options = options
    this.#lanes = lanes
    this.#declared = declared
  }

  /** From now on all files that can are run in parts. */
  splitAll(): SplitTrial {
    this.#tried = new Map()
    return { files: () => this.#tried ?? new Map() }
  }

  /** Files that run in parts, or of which it is learned how they could. */
  async plan(files: readonly PlannedSpec[]): Promise<ReadonlyMap<string, SplitFile>> {
    const found = await splitFiles(files, this.#context())
    if (this.#tried !== undefined) this.#tried = found.whole
    return found.files
  }

  #context(): SplitContext {
    const lanes = this.#lanes
    const resources = this.#declared()
    if (this.#tried === undefined) return { options: this.#options, lanes, resources, retry: false }
    const split = { onlySafe: false, globs: ['**'], parts: lanes }
    return { options: { split, leaks: 'report', undeclared: 'report' }, lanes, resources, retry: true }
  }
}
