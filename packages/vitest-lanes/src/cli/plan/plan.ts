import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { EMPTY_HISTORY, LanesError, fileKey, nearest, parseHistory } from '@vitest-lanes/core'
import type { History, WorkloadFile } from '@vitest-lanes/core'
import { applied, withLanes } from '@vitest-lanes/report'
import type { Setting } from '@vitest-lanes/report'
import type { TestSpecification, Vitest } from 'vitest/node'
import type { Preview } from '../../run/preview.ts'
import { EXIT } from '../exit.ts'
import type { ExitStatus } from '../exit.ts'
import { noFile } from '../no-file.ts'
import type { Terminal } from '../terminal.ts'
import { noPlugin, openVitest, previewOf } from '../vitest-of.ts'
import type { ProjectOptions } from '../vitest-of.ts'
import type { AssumedChange, Range, Shards } from './arguments.ts'
import { lastRunOf } from './last-run.ts'
import type { LastRun } from './last-run.ts'
import { predictRun } from './predict-run.ts'
import type { PlannedShard, RunPlan } from './predict-run.ts'
import { planText } from './plan-text.ts'

export interface PlanOptions extends ProjectOptions {
  readonly lanes?: Range
  readonly shard?: Shards
  readonly changes: readonly AssumedChange[]
  readonly json: boolean
}

/** `vitest-lanes plan`: what a run would do, by simulation. */
export async function plan(
  filters: readonly string[],
  options: PlanOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const vitest = await openVitest(options)
  try {
    const found = await vitest.globTestSpecifications([...filters])
    if (found.length === 0) throw noFile(filters, options.root)
    const { shard } = options
    const one = shard !== undefined && shard.first === shard.last ? shard : undefined
    const specs = one === undefined ? found : await specsOf(vitest, found, one.first, one.count)
    const preview = await previewOf(vitest, specs)
    if (preview === undefined) throw noPlugin(vitest)
    const root = vitest.config.root
    const last = await lastRunOf(root, preview.files)
    const setting = settingOf(preview, last, options.lanes)
    const result: RunPlan = predictRun({
      setting,
      changed: options.changes.length === 0 ? undefined : assumed(setting, options.changes),
      assumptions: options.changes.map(({ text }) => text),
      lanes: options.lanes,
      shard: one === undefined ? undefined : { index: one.first, count: one.count },
      shards: shard === undefined || one !== undefined ? [] : await shardsOf(vitest, specs, shard),
      delays: last.delays,
      split: preview.split,
      guessed: guessedOf(preview, await historyOf(root)),
      others: preview.others,
    })
    for (const fault of preview.globFaults ?? []) terminal.warn(fault)
    terminal.print(options.json ? JSON.stringify(result, undefined, 2) : planText(result, terminal.columns))
    return EXIT.fine
  } finally {
    await vitest.close()
  }
}

function settingOf(
  { lanes, resources, files }: Preview,
  { lanes: measured = lanes, pace, cpu, contention }: LastRun,
  asked: Range | undefined,
): Setting {
  const then: Setting = {
    lanes: measured,
    cores: availableParallelism(),
    contention,
    workload: {
      resources,
      files: files.map((file): WorkloadFile => {
        const id = fileKey(file)
        const used = cpu.get(id)
        const known = { id, claims: file.claims, duration: pace * file.estimate }
        if (used === undefined) return known
        return { ...known, cpu: used, duration: known.duration + (contention?.perCpu ?? 0) * used }
      }),
    },
  }
  return withLanes(then, asked !== undefined && asked.first === asked.last ? asked.first : lanes)
}

function assumed(setting: Setting, changes: readonly AssumedChange[]): Setting {
  return changes.reduce((before, change) => {
    if (change.kind === 'lanes') return applied(before, { kind: 'lanes', from: before.lanes, to: change.to })
    const { resource, to } = change
    const known = Object.keys(before.workload.resources)
    if (!known.includes(resource)) {
      const near = nearest(resource, known)
      throw new LanesError('LANES_RESOURCE_UNKNOWN', `Unknown resource \`${resource}\` in \`--if\`.`, {
        hint: near === undefined ? `Known are ${known.join(', ')}.` : `Did you mean \`${near}\`?`,
      })
    }
    return applied(before, { kind: 'instances', resource, from: 0, to })
  }, setting)
}

/** The files of a shard, as Vitest's sequencer would give them. */
async function specsOf(
  vitest: Vitest,
  specs: TestSpecification[],
  index: number,
  count: number,
): Promise<TestSpecification[]> {
  const { sequencer } = vitest.config.sequence
  vitest.config.shard = { index, count }
  return new sequencer(vitest).shard(specs)
}

async function shardsOf(
  vitest: Vitest,
  specs: TestSpecification[],
  { first, last, count }: Shards,
): Promise<PlannedShard[]> {
  const shards: PlannedShard[] = []
  for (let index = first; index <= last; index++) {
    const preview = await previewOf(vitest, await specsOf(vitest, specs, index, count))
    shards.push({ index, count, files: preview?.files.map(fileKey) ?? [] })
  }
  return shards
}

async function historyOf(root: string): Promise<History> {
  const json = await readFile(join(root, '.vitest-lanes', 'history.json'), 'utf8').catch(() => undefined)
  const history = json === undefined ? EMPTY_HISTORY : parseHistory(json)
  return 'error' in history ? EMPTY_HISTORY : history
}

/** How many files have never run to their end, so that their time is a guess. */
function guessedOf({ files }: Preview, history: History): number {
  return files.filter((file) => (history.files[fileKey(file)]?.durations.length ?? 0) === 0).length
}
