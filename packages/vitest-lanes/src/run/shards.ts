import { createHash } from 'node:crypto'
import { assignShards } from '@vitest-lanes/core'
import type { ShardOptions } from '@vitest-lanes/core'
import { duration } from '@vitest-lanes/report'
import type { TestSpecification } from 'vitest/node'
import type { PlannedSpec } from '../files/planner.ts'

/**
 * How many files a machine is taken to run at once where the options say nothing. Not its cores: machines of several
 * kinds must all divide the files in the same way.
 */
const USUAL_LANES = 4

/** How files are divided over the machines of `--shard`. */
export interface Shards {
  /** The same on all machines that have divided the same files in the same way. */
  readonly plan: string
  readonly files: readonly (readonly PlannedSpec[])[]
}

/** Divides planned files so that the machines take equally long. */
export function divide(
  files: readonly PlannedSpec[],
  {
    count,
    lanes = USUAL_LANES,
    resources,
  }: Omit<ShardOptions, 'lanes' | 'before'> & { lanes: number | undefined },
): Shards {
  // A file can be both run and type-checked in one project.
  const named = files.map((file) => ({ ...file, id: nameOf(file) }))
  const before = new Map(
    named.flatMap(({ id, shard }) => (shard?.count === count ? [[id, shard.index - 1] as const] : [])),
  )
  const shards = assignShards(named, { count, lanes, resources, before })
  const ids = JSON.stringify(shards.map((shard) => shard.map(({ id }) => id)))
  const plan = createHash('sha256').update(ids).digest('hex').slice(0, 8)
  return { plan, files: shards }
}

export function specsOf({ files }: Shards, index: number): readonly TestSpecification[] {
  return (files[index - 1] ?? []).map(({ spec }) => spec)
}

/** One line for people: what this machine was given. */
export function shardLine({ plan, files }: Shards, index: number): string {
  const mine = files[index - 1] ?? []
  const all = files.flat()
  const part = `${mine.length} of ${all.length} files, ${duration(timeOf(mine))} of ${duration(timeOf(all))} of work`
  return `shard ${index}/${files.length}: ${part} (plan ${plan}, the same on every machine)`
}

function timeOf(files: readonly PlannedSpec[]): number {
  return files.reduce((sum, { estimate }) => sum + estimate, 0)
}

function nameOf({ id, spec }: PlannedSpec): string {
  return spec.pool === 'typescript' ? `${id} (types)` : id
}
