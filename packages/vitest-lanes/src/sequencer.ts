import { BaseSequencer } from 'vitest/node'
import type { TestSequencerConstructor, TestSpecification, Vitest } from 'vitest/node'

/** Orders the files of a run; called once for each run, before anything starts. */
export type Plan = (
  specs: readonly TestSpecification[],
  options: { keepOrder: boolean },
) => Promise<readonly TestSpecification[]>

/** Divides all files over the machines of `--shard`, and returns this machine's. */
export type Shard = (specs: readonly TestSpecification[]) => Promise<readonly TestSpecification[]>

/**
 * A sequencer that orders files by the resources that they claim, and hands the plan of the run over with it,
 * and balances shards by time.
 * @param chosen the sequencer of the user's configuration: an order of their own (or `shuffle`) is kept, and so are
 * shards of their own
 */
export function createSequencer(
  chosen: TestSequencerConstructor,
  plan: Plan,
  shard: Shard,
): TestSequencerConstructor {
  const keepOrder = chosen.name !== BaseSequencer.name

  return class LanesSequencer extends BaseSequencer {
    readonly #chosen

    constructor(vitest: Vitest) {
      super(vitest)
      this.#chosen = new chosen(vitest)
    }

    override async shard(specs: TestSpecification[]): Promise<TestSpecification[]> {
      const hasOwn = this.#chosen.shard !== BaseSequencer.prototype.shard
      return hasOwn ? this.#chosen.shard(specs) : [...(await shard(specs))]
    }

    override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
      return [...(await plan(await this.#chosen.sort(specs), { keepOrder }))]
    }
  }
}
