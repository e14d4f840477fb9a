import { boundOf } from '@vitest-lanes/core'
import type { Bound, RunRecord } from '@vitest-lanes/core'
import { durationOf, filesThatRan, waitOf } from './times.ts'
import { workloadOf } from './workload.ts'

/** A run in numbers. Times in ms. */
export interface Figures {
  readonly lanes: number
  /** Files that were given a lane. */
  readonly files: number
  /** Files that were not. */
  readonly notRun: number
  readonly failed: number
  readonly tests: { readonly passed: number; readonly failed: number; readonly skipped: number }
  /** From the plan until every instance was clean. */
  readonly wall: number
  /** The durations of all files one after another, without the time that they waited for a core. */
  readonly oneByOne: number
  /** `oneByOne` over `wall`. */
  readonly speedUp: number
  /** What no order could have beaten, for these durations. */
  readonly bound: Bound
  /** The bound in percent of the wall time: 100 is the best there is. */
  readonly percent: number
  /** How long files waited for a lane or an instance, in all. */
  readonly waited: number
}

/** @param workload of the same record, where it is known already */
export function figuresOf(record: RunRecord, workload = workloadOf(record)): Figures {
  const ran = record.files.filter(({ lane }) => lane !== undefined)
  const bound = boundOf(workload, record.lanes)
  const tests = { passed: 0, failed: 0, skipped: 0 }
  let [failed, oneByOne, waited] = [0, 0, 0]
  for (const file of ran) {
    tests.passed += file.tests.passed
    tests.failed += file.tests.failed
    tests.skipped += file.tests.skipped + file.tests.todo
    if (file.outcome === 'failed') failed++
    waited += waitOf(file)
  }
  for (const file of filesThatRan(record.files))
    oneByOne += Math.max(0, durationOf(file) - (file.stalled ?? 0))
  return {
    lanes: record.lanes,
    files: ran.length,
    notRun: record.files.length - ran.length,
    failed,
    tests,
    wall: record.duration,
    oneByOne,
    speedUp: record.duration > 0 ? oneByOne / record.duration : 1,
    bound,
    percent: record.duration > 0 ? Math.min(100, Math.round((100 * bound.ms) / record.duration)) : 100,
    waited,
  }
}
