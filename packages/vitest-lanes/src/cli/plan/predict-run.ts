import { boundOf, simulate } from '@vitest-lanes/core'
import type { Bound, Claim } from '@vitest-lanes/core'
import { cpuBound, gainsOf, predict, withLanes } from '@vitest-lanes/report'
import type { Delays, Gain, Setting } from '@vitest-lanes/report'
import type { SplitPreview } from '../../run/preview.ts'
import type { Range } from './arguments.ts'

export interface PlannedShard {
  readonly index: number
  readonly count: number
  /** As `fileKey`. */
  readonly files: readonly string[]
}

/** What a run would do. Times in ms; what `plan --json` writes. */
export interface RunPlan {
  readonly version: 1
  readonly lanes: number
  /** Where all of this is about one shard. */
  readonly shard?: { readonly index: number; readonly count: number }
  readonly predicted: number
  readonly bound: Bound
  /** What the CPU that the files use takes on all cores, where the last run tells. */
  readonly cpuBound?: number
  /** In the order in which they would start. */
  readonly files: readonly {
    readonly file: string
    readonly claims: readonly Claim[]
    readonly estimate: number
    readonly lane: number
    readonly start: number
  }[]
  /** Files that would run in parts, which the other figures do not know; absent where there are none. */
  readonly split?: SplitPreview
  /** Files that have never run: their time is a guess. */
  readonly guessed: number
  /** Files that run outside of lanes, and are not in the prediction. */
  readonly others: number
  readonly gains: readonly Gain[]
  readonly byLanes?: readonly { readonly lanes: number; readonly predicted: number }[]
  readonly shards?: readonly { readonly index: number; readonly files: number; readonly predicted: number }[]
  readonly assumed?: {
    readonly changes: readonly string[]
    readonly predicted: number
    readonly bound: Bound
  }
}

export interface PredictOptions {
  readonly setting: Setting
  /** With what `--if` assumes. */
  readonly changed: Setting | undefined
  readonly assumptions: readonly string[]
  readonly lanes: Range | undefined
  readonly shard: { readonly index: number; readonly count: number } | undefined
  readonly shards: readonly PlannedShard[]
  readonly delays: Delays
  readonly split: SplitPreview | undefined
  readonly guessed: number
  readonly others: number
}

export function predictRun(options: PredictOptions): RunPlan {
  const { setting, changed, assumptions, lanes, shard, shards, delays, split, guessed, others } = options
  const { workload } = setting
  const { leases } = simulate(workload, { ...delays, lanes: setting.lanes })
  const predicted = predict(setting, delays)
  const cpu = cpuBound(setting)
  const byId = new Map(workload.files.map((file) => [file.id, file]))
  return {
    version: 1,
    lanes: setting.lanes,
    ...(shard === undefined ? {} : { shard }),
    predicted,
    bound: boundOf(workload, setting.lanes),
    ...(cpu > 0 ? { cpuBound: cpu } : {}),
    files: leases.map(({ id, lane, start }) => ({
      file: id,
      claims: byId.get(id)?.claims ?? [],
      estimate: byId.get(id)?.duration ?? 0,
      lane,
      start,
    })),
    ...(split === undefined ? {} : { split }),
    guessed,
    others,
    gains: gainsOf(setting, delays),
    ...(lanes === undefined || lanes.first === lanes.last
      ? {}
      : {
          byLanes: range(lanes).map((count) => ({
            lanes: count,
            predicted: predict(withLanes(setting, count), delays),
          })),
        }),
    ...(shards.length === 0
      ? {}
      : {
          shards: shards.map(({ index, files }) => ({
            index,
            files: files.length,
            predicted: predict(withOnly(setting, files), delays),
          })),
        }),
    ...(changed === undefined
      ? {}
      : {
          assumed: {
            changes: assumptions,
            predicted: predict(changed, delays),
            bound: boundOf(changed.workload, changed.lanes),
          },
        }),
  }
}

function withOnly(setting: Setting, files: readonly string[]): Setting {
  const kept = new Set(files)
  const { workload } = setting
  return { ...setting, workload: { ...workload, files: workload.files.filter(({ id }) => kept.has(id)) } }
}

function range({ first, last }: Range): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
