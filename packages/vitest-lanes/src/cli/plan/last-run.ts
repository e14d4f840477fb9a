import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileKey } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import { NO_DELAYS, contentionOf, delaysOf, durationOf } from '@vitest-lanes/report'
import type { Contention, Delays } from '@vitest-lanes/report'
import type { PlannedFile } from '../../run/run.ts'
import { loadRecord } from '../records.ts'

/** What the last run tells of the next one. */
export interface LastRun {
  readonly delays: Delays
  /** Undefined where there was none. */
  readonly lanes: number | undefined
  readonly contention: Contention | undefined
  /**
   * How long its files took over what is usual for them, without the time for which no core was free where that is
   * known. A machine that was slow then most likely still is.
   */
  readonly pace: number
  /** `fileKey` to ms of CPU. Where that is not known for all of the files, it is empty. */
  readonly cpu: ReadonlyMap<string, number>
}

const NO_LAST_RUN: LastRun = {
  delays: NO_DELAYS,
  lanes: undefined,
  contention: undefined,
  pace: 1,
  cpu: new Map(),
}

/** Of fewer of the planned files, a run had the machine too much to itself to tell of all. */
const SHARE = 0.5

/** What the last run tells that ran at least half of these files; nothing where there is none. */
export async function lastRunOf(root: string, planned: readonly PlannedFile[]): Promise<LastRun> {
  const folder = join(root, '.vitest-lanes', 'runs')
  const names = await readdir(folder).catch(() => [])
  for (const name of names
    .filter((each) => each.endsWith('.json'))
    .toSorted()
    .toReversed()) {
    const loaded = await loadRecord(join(folder, name), root).catch(() => undefined)
    const last = loaded === undefined ? undefined : tellOf(loaded.record, planned)
    if (last !== undefined) return last
  }
  return NO_LAST_RUN
}

function tellOf(record: RunRecord, planned: readonly PlannedFile[]): LastRun | undefined {
  const usual = new Map(planned.map((file) => [fileKey(file), file.estimate]))
  // What failed may have been cut short, or have waited for a time-out.
  const passed = record.files.filter((file) => file.outcome === 'passed' && usual.has(fileKey(file)))
  // Parts take other times than the whole.
  const ran = passed.filter(({ parts }) => parts === undefined)
  if (ran.length === 0 || passed.length < SHARE * planned.length) return undefined
  const cpu = new Map(passed.flatMap((file) => (file.cpu === undefined ? [] : [[fileKey(file), file.cpu]])))
  const contention = cpu.size === planned.length ? contentionOf(record) : undefined
  const took = sum(ran.map((file) => durationOf(file) - (contention === undefined ? 0 : (file.stalled ?? 0))))
  const expected = sum(ran.map((file) => usual.get(fileKey(file)) ?? 0))
  return {
    delays: delaysOf(record),
    lanes: record.lanes,
    contention,
    pace: took > 0 && expected > 0 ? took / expected : 1,
    cpu: cpu.size === planned.length ? cpu : new Map(),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
