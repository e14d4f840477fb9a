import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { version } from 'vitest/node'
import type { Vitest } from 'vitest/node'
import type { RunFacts } from './recorder.ts'

const OWN = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** What a run record says of the machine and of Vitest. */
export function factsOf(
  vitest: Vitest,
  { run, lanes, shardPlan }: { run: string; lanes: number; shardPlan: string | undefined },
): RunFacts {
  const { shard, sequence } = vitest.config
  return {
    run,
    vitestLanes: OWN.version,
    vitest: version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    lanes,
    seed: sequence.seed,
    ...(shard === undefined
      ? {}
      : { shard: { ...shard, ...(shardPlan === undefined ? {} : { plan: shardPlan }) } }),
  }
}
