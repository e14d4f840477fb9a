import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { divide } from '@vitest-lanes/core'
import type { DivideOptions, Division } from '@vitest-lanes/core'
import { duration } from '@vitest-lanes/report'
import type { TestSpecification } from 'vitest/node'
import type { PlannedSpec } from '../files/planner.ts'

/**
 * How many files a machine is taken to run at once where the options say nothing. Not its cores: machines of several
 * kinds must all divide the files in the same way.
 */
const USUAL_LANES = 4

/** What this machine was given of the files of `--shard`. */
export interface Shard {
  readonly division: Division
  readonly specs: readonly TestSpecification[]
  /** The same on all machines that have divided the same files in the same way. */
  readonly plan: string
  /** For people: what it was given. */
  readonly line: string
}

/** Divides planned files so that the machines take equally long. */
export function shardOf(
  files: readonly PlannedSpec[],
  { index, count, lanes, resources, known }: ShardRequest,
): Shard {
  const division = divide(
    files.map((file) => ({ ...file, id: nameOf(file) })),
    {
      index,
      count,
      lanes: lanes ?? USUAL_LANES,
      resources,
      known,
      series: seriesOf(process.env),
      at: new Date().toISOString(),
    },
  )
  const mine = files.filter((file) => division.files[nameOf(file)] === index)
  const plan = createHash('sha256').update(JSON.stringify(division.files)).digest('hex').slice(0, 8)
  const part = `${mine.length} of ${files.length} files, ${duration(timeOf(mine))} of ${duration(timeOf(files))} of work`
  return {
    division,
    plan,
    specs: mine.map(({ spec }) => spec),
    line: `shard ${index}/${count}: ${part} (plan ${plan}, which must be the same in all shards)`,
  }
}

export interface ShardRequest extends Pick<DivideOptions, 'index' | 'count' | 'resources' | 'known'> {
  /** What the options say. */
  readonly lanes: number | undefined
}

/** What one run of a CI pipeline is called, in the usual systems. */
const PIPELINES = [
  'GITHUB_RUN_ID',
  'CI_PIPELINE_ID',
  'BUILDKITE_BUILD_ID',
  'CIRCLE_WORKFLOW_ID',
  'BUILD_TAG',
  'BUILD_BUILDID',
  'BITBUCKET_PIPELINE_UUID',
]

/** Elsewhere the machine: shards that run there one after another belong together. */
function seriesOf(env: NodeJS.ProcessEnv): string {
  const pipeline = PIPELINES.find((name) => env[name] !== undefined)
  return pipeline === undefined ? `machine ${hostname()}` : `${pipeline} ${env[pipeline]}`
}

function timeOf(files: readonly PlannedSpec[]): number {
  return files.reduce((sum, { estimate }) => sum + estimate, 0)
}

/** A file can be both run and type-checked in one project. */
function nameOf({ id, spec }: PlannedSpec): string {
  return spec.pool === 'typescript' ? `${id} (types)` : id
}
