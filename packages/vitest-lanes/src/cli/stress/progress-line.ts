import { count, duration } from '@vitest-lanes/report'
import type { TrialProgress } from '../../trial/types.ts'
import type { StressRun } from './result.ts'
import type { Tally } from './tally.ts'

/** When a stress ends, if nothing ends it before. */
export interface Limits {
  readonly runs: number
  /** ms */
  readonly time: number
  /** By `performance.now()`. */
  readonly begun: number
}

/** How long the rest will take, in ms, if a run takes as long as those before. Infinite where nothing limits it. */
export function estimateLeft(limits: Limits, runs: readonly StressRun[], elapsed: number): number {
  const each = runs.length === 0 ? Number.POSITIVE_INFINITY : elapsed / runs.length
  const left = limits.runs - runs.length
  return Math.min(left === 0 ? 0 : left * each, limits.time - elapsed)
}

/** `run 3 of 10 · 12 of 40 files · 1 test failed · about 52 s left`. */
export function progressLine({
  limits,
  tally,
  now,
  elapsed,
}: {
  readonly limits: Limits
  readonly tally: Tally
  readonly now: TrialProgress
  readonly elapsed: number
}): string {
  const left = estimateLeft(limits, tally.runs, elapsed)
  return [
    `run ${tally.runs.length + 1}${Number.isFinite(limits.runs) ? ` of ${limits.runs}` : ''}`,
    `${now.ended} of ${count(now.files, 'file')}`,
    ...(tally.failing > 0 ? [`${count(tally.failing, 'test')} failed so far`] : []),
    ...(Number.isFinite(left) ? [`about ${duration(Math.max(0, left))} left`] : []),
  ].join(' · ')
}
