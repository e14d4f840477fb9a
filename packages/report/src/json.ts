import type { RunRecord } from '@vitest-lanes/core'
import { analyse } from './analysis/analyse.ts'

/** All that reports show of a run, as JSON: an `Analysis`. */
export function jsonReport(record: RunRecord): string {
  return `${JSON.stringify(analyse(record), undefined, 2)}\n`
}
