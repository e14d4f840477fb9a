import { runsOf } from '@vitest-lanes/core'
import type { FileRecord } from '@vitest-lanes/core'

/** Where a file's time went, in ms; 0 for what never happened. */
export interface Phases {
  /** For a lane and its instances: not yet in a lane. */
  readonly waiting: number
  /** In its lane, until its instances were open and clean. */
  readonly opening: number
  /** Until its worker was up. */
  readonly starting: number
  /** Its setup files and imports. */
  readonly importing: number
  /** Tests and hooks; imports too where it is not known when they ended. */
  readonly running: number
  /** From its last hook until its process was gone; the lane is free. */
  readonly exiting: number
  /** Until its instances were clean again. */
  readonly cleaning: number
}

export function phasesOf({ times }: FileRecord): Phases {
  const { queued, admitted, ready, started, collected, finished, exited, cleaned } = times
  return {
    waiting: between(queued, admitted),
    opening: between(admitted, ready),
    starting: between(ready, started),
    importing: between(started, collected),
    running: between(collected ?? started, finished),
    exiting: between(finished, exited),
    cleaning: between(exited, cleaned),
  }
}

/**
 * How long a file takes, in ms: from its instances being ready to its last hook. The same that is kept as its
 * duration across runs.
 */
export function durationOf({ times }: FileRecord): number {
  return between(times.ready ?? times.admitted, times.finished)
}

/** How long a file waited for its lane and its instances, in ms. */
export function waitOf({ times }: FileRecord): number {
  return between(times.queued, times.admitted)
}

/** The files that were given a lane; of a file that ran in parts, each part as if it were a file. */
export function filesThatRan(files: readonly FileRecord[]): FileRecord[] {
  return files.flatMap(runsOf).filter(({ lane }) => lane !== undefined)
}

/** Until when a file held its instances, in ms since the run began. */
export function heldUntil({ times }: FileRecord): number {
  return times.cleaned ?? times.exited ?? times.finished ?? times.admitted ?? times.queued
}

// Never negative: two clocks that are read a moment apart may disagree by a tenth.
function between(from: number | undefined, to: number | undefined): number {
  if (from === undefined || to === undefined) return 0
  return Math.max(0, Math.round((to - from) * 10) / 10)
}
