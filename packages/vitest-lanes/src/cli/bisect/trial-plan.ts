import { basename, dirname } from 'node:path'
import { fileKey, replayPlan } from '@vitest-lanes/core'
import type { Group, RunRecord } from '@vitest-lanes/core'
import { readIndex } from '../../trial/kept-runs.ts'
import type { TrialPlan } from '../../trial/types.ts'
import type { LoadedRecord } from '../records.ts'

/** What all trials have in common with the recorded run, beside its files. */
export type Conditions = Pick<TrialPlan, 'seed' | 'shuffleTests' | 'pressure'>

/** Those of a recorded run; a stress wrote down more of them beside the record. */
export async function conditionsOf({ path, record }: LoadedRecord): Promise<Conditions> {
  const run = Number(basename(path, '.json'))
  const about = (await readIndex(dirname(path))).find((each) => each.run === run)
  return {
    seed: record.seed ?? 0,
    ...(about?.shuffleTests === undefined ? {} : { shuffleTests: about.shuffleTests }),
    ...(about?.pressure === undefined ? {} : { pressure: about.pressure }),
  }
}

/** How a trial of a group is to run: the other files before the test's own, or as in the recorded run. */
export function trialPlan(record: RunRecord, own: string, group: Group, conditions: Conditions): TrialPlan {
  const { relation, files, tests } = group
  const there = new Set([...files, own])
  const common = { ...conditions, ...(tests === undefined ? {} : { only: tests }) }
  if (relation !== 'before') return { ...common, ...replayPlan(record, (key) => there.has(key)) }
  // In one lane: nothing runs beside anything, and whatever a lane keeps is kept for the test's own file.
  const others = record.files
    .toSorted((a, b) => (a.times.admitted ?? 0) - (b.times.admitted ?? 0))
    .map(fileKey)
    .filter((key) => key !== own && there.has(key))
  const order = [...others, own]
  const after = order
    .slice(1)
    .map((key, index) => [key, [{ file: order[index]!, point: 'finished' as const }]] as const)
  return { ...common, lanes: 1, order, after: Object.fromEntries(after) }
}
