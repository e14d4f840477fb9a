import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { LanesError, fileKey, matchReplay, replayPlan } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import { prepareFolder, writeWhole } from '../../run/folder.ts'
import { pathOf, readIndex } from '../../trial/kept-runs.ts'
import type { KeptRun } from '../../trial/kept-runs.ts'
import { openTrials } from '../../trial/open.ts'
import type { TrialPlan, TrialResult, Trials } from '../../trial/types.ts'
import { EXIT } from '../exit.ts'
import type { ExitStatus } from '../exit.ts'
import { showProgress } from '../progress.ts'
import { loadRecord } from '../records.ts'
import type { LoadedRecord } from '../records.ts'
import type { Terminal } from '../terminal.ts'
import type { ProjectOptions } from '../vitest-of.ts'
import { differencesOf } from './differences.ts'
import { replayText } from './replay-text.ts'
import type { ReplayResult } from './replay-text.ts'

export interface ReplayOptions extends ProjectOptions {
  /** Number of a stress run. */
  readonly run?: number
  readonly json: boolean
}

/** `vitest-lanes replay`: a recorded run once more, its files meeting as they did. */
export async function replay(
  path: string | undefined,
  options: ReplayOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const root = resolve(options.root)
  const loaded = await loadRecord(await recordPath(path, { root, run: options.run }), root)
  const trials = await openTrials({ ...options, filters: [] })
  try {
    const present = new Set(await trials.files())
    const plan = planOf(loaded.record, await aboutOf(loaded.path), present)
    const differs = await differencesOf(loaded.record, { root, present })
    for (const difference of differs) terminal.warn(`${terminal.style('yellow', 'differs')} ${difference}`)
    const result = await run(trials, plan, options, terminal)
    const kept = await keep(root, result.record)
    const told = tell(loaded, result, { differs, kept })
    terminal.print(options.json ? JSON.stringify(told, undefined, 2) : replayText(told, terminal))
    if (trials.interrupted.aborted) return EXIT.interrupted
    return told.repeated ? EXIT.fine : EXIT.no
  } finally {
    await trials.close()
  }
}

async function recordPath(
  path: string | undefined,
  { root, run }: { readonly root: string; readonly run: number | undefined },
): Promise<string | undefined> {
  if (run === undefined) return path
  const named = resolve(root, path ?? join('.vitest-lanes', 'stress'))
  const isFile = (await stat(named).catch(() => undefined))?.isFile() ?? false
  const file = pathOf(isFile ? dirname(named) : named, run)
  if ((await stat(file).catch(() => undefined)) !== undefined) return file
  const known = (await readIndex(dirname(file))).map((each) => each.run)
  throw new LanesError('LANES_RECORD_MISSING', `There is no record of a run ${run} at ${file}.`, {
    hint:
      known.length === 0
        ? '`npx vitest-lanes stress` leaves some.'
        : `There are those of ${known.join(', ')}.`,
  })
}

/** What a stress wrote down beside the record. */
async function aboutOf(path: string): Promise<KeptRun | undefined> {
  const run = Number(basename(path, '.json'))
  return (await readIndex(dirname(path))).find((each) => each.run === run)
}

function planOf(record: RunRecord, about: KeptRun | undefined, present: ReadonlySet<string>): TrialPlan {
  const { shuffleTests, pressure } = about ?? {}
  const plan = replayPlan(record, (key) => present.has(key))
  if (plan.order.length === 0)
    throw new LanesError('LANES_NO_FILES', 'None of the files that the recorded run ran is here.', {
      hint: '`--root` names the project of the run, `--project` and `--config` are as for that run.',
    })
  return {
    ...plan,
    seed: record.seed ?? 0,
    ...(shuffleTests === undefined ? {} : { shuffleTests }),
    ...(pressure === undefined ? {} : { pressure }),
  }
}

async function run(
  trials: Trials,
  plan: TrialPlan,
  { json }: ReplayOptions,
  terminal: Terminal,
): Promise<TrialResult> {
  const hide = showProgress(terminal, json, () => {
    const { ended, files } = trials.progress()
    return `replay: ${ended} of ${files} files`
  })
  try {
    return await trials.run(plan)
  } finally {
    hide()
  }
}

/** Beside the last run's, so that `report` draws it. */
async function keep(root: string, record: RunRecord): Promise<string> {
  const folder = join(root, '.vitest-lanes')
  await prepareFolder(folder, 'runs')
  await writeWhole(join(folder, 'replay.json'), JSON.stringify(record))
  return join('.vitest-lanes', 'replay.json')
}

function tell(
  { path, record }: LoadedRecord,
  result: TrialResult,
  { differs, kept }: { readonly differs: readonly string[]; readonly kept: string },
): ReplayResult {
  const match = matchReplay(record, result.record)
  const { recordedOnly, repeatedOnly } = match.failures
  const isInterrupted = result.record.outcome === 'interrupted'
  return {
    version: 1,
    record: path,
    replay: kept,
    ...(record.seed === undefined ? {} : { seed: record.seed }),
    lanes: record.lanes,
    differs,
    ...match,
    unhandled: result.unhandled,
    messages: result.tests
      .filter(({ state }) => state === 'failed')
      .map((test) => ({ test: `${fileKey(test)} › ${test.name}`, messages: test.messages })),
    interrupted: isInterrupted,
    repeated: !isInterrupted && recordedOnly.length + repeatedOnly.length === 0,
  }
}
