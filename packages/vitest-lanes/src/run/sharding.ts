import type { TestSpecification } from 'vitest/node'
import type { Planner } from '../files/planner.ts'
import type { HistoryFile } from './history.ts'
import { shardOf } from './shards.ts'
import type { Shard, ShardRequest } from './shards.ts'

export interface ShardingOptions {
  readonly planner: Planner
  readonly history: HistoryFile
  /** What the options say. */
  readonly lanes: number | undefined
  /** Everything that a file can claim, once that is known. */
  readonly declared: () => ShardRequest['resources']
  readonly once: (line: string) => void
  readonly warn: (line: string) => void
}

/** This machine's files of `--shard`. */
export class Sharding {
  readonly #options: ShardingOptions
  #mine: Shard | undefined

  constructor(options: ShardingOptions) {
    this.#options = options
  }

  /** The same on all machines that have divided the same files in the same way; undefined without shards. */
  get plan(): string | undefined {
    return this.#mine?.plan
  }

  async divide(
    specs: readonly TestSpecification[],
    shard: { readonly index: number; readonly count: number } | undefined,
  ): Promise<readonly TestSpecification[]> {
    if (shard === undefined) return specs
    const { planner, history, lanes, declared, once } = this.#options
    const known = await history.division()
    const mine = shardOf(await planner.plan(specs), { ...shard, lanes, resources: declared(), known })
    this.#mine = mine
    once(mine.line)
    return mine.specs
  }

  /** Only when it is sure that the shard runs: `plan` asks for shards too. */
  async keep(): Promise<void> {
    const { history, warn } = this.#options
    if (this.#mine === undefined) return
    await history
      .keep(this.#mine.division)
      .catch((error: unknown) => warn(`How the files are divided was not written: ${String(error)}`))
  }
}
