import { count, duration } from '@vitest-lanes/report'
import type { TrialProgress } from '../../trial/types.ts'

/** When a stress ends, if nothing ends it before. */
export interface Limits {
  readonly runs: number
  /** ms */
  readonly time: number
}

/** How a stress stands. Times in ms. */
export interface Standing {
  readonly limits: Limits
  /** Runs that have ended. */
  readonly ended: number
  /** How long these took together. */
  readonly spent: number
  readonly elapsed: number
}

/** How long the rest will take, in ms, if a run takes as long as those before. Infinite where nothing limits it. */
export function estimateLeft({ limits, ended, spent, elapsed }: Standing): number {
  const each = ended === 0 ? Number.POSITIVE_INFINITY : spent / ended
  return Math.max(0, Math.min((limits.runs - ended) * each - (elapsed - spent), limits.time - elapsed))
}

/** `run 3 of 10 · 12 of 40 files · 1 test failed · about 52 s left`. */
export function progressLine(standing: Standing, { files, ended }: TrialProgress, failing: number): string {
  const { runs } = standing.limits
  const left = estimateLeft(standing)
  return [
    `run ${standing.ended + 1}${Number.isFinite(runs) ? ` of ${runs}` : ''}`,
    `${ended} of ${count(files, 'file')}`,
    ...(failing > 0 ? [`${count(failing, 'test')} failed so far`] : []),
    ...(Number.isFinite(left) ? [`about ${duration(left)} left`] : []),
  ].join(' · ')
}
