import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { ResourceRecord } from '@vitest-lanes/core'
import { version } from 'vitest/node'
import type { Vitest } from 'vitest/node'
import type { Resource } from '../options.ts'
import type { ResourceInstances } from './instances.ts'
import type { RunFacts } from './recorder.ts'

/** Of this package. */
export const OWN_VERSION = ownVersion()

function ownVersion(): string {
  const json = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(json) as { version: string }).version
}

interface RunDetails {
  readonly run: string
  readonly lanes: number
  readonly shardPlan: string | undefined
  readonly commit: string | undefined
}

/** What a run record says of the machine and of Vitest. */
export function factsOf(vitest: Vitest, { run, lanes, shardPlan, commit }: RunDetails): RunFacts {
  const { shard, sequence } = vitest.config
  return {
    run,
    vitestLanes: OWN_VERSION,
    vitest: version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    ...(commit !== undefined && { commit }),
    cores: availableParallelism(),
    lanes,
    seed: sequence.seed,
    ...(shard === undefined
      ? {}
      : { shard: { ...shard, ...(shardPlan === undefined ? {} : { plan: shardPlan }) } }),
  }
}

/** What it says of the resources. */
export function resourceRecords(
  resources: Iterable<Resource>,
  opened: ReadonlyMap<string, ResourceInstances>,
): Record<string, ResourceRecord> {
  return Object.fromEntries(
    Array.from(resources, ({ name, instances }) => {
      const { source, count } = opened.get(name)!
      const from = source === undefined ? {} : { source }
      return [name, { instances: count, perLane: instances === 'lanes', ...from }]
    }),
  )
}
