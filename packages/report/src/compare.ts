import { fileKey } from '@vitest-lanes/core'
import type { FileOutcome, Finding, RunRecord } from '@vitest-lanes/core'
import { durationOf, phasesOf } from './analysis/times.ts'

/** A number of ms in two runs. */
export interface Shift {
  readonly before: number
  readonly after: number
}

export interface FileShift extends Shift {
  /** As `fileKey`. */
  readonly file: string
}

/** Two runs, side by side. */
export interface Comparison {
  readonly wall: Shift
  /** Only of files that ran in both, by how much they changed; slower ones first. */
  readonly durations: readonly FileShift[]
  /** Waits of files that ran in both; longer ones first. */
  readonly waits: readonly FileShift[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Failed now, not before. */
  readonly newFailures: readonly string[]
  readonly fixed: readonly string[]
  readonly newFindings: readonly Finding[]
  readonly goneFindings: readonly Finding[]
}

/** Differences that are not worth a line: ms, and part of the time before. */
const NOISE_MS = 50
const NOISE_PART = 0.1

/** What changed from one run to the next. */
export function compareRecords(before: RunRecord, after: RunRecord): Comparison {
  const old = byKey(before)
  const now = byKey(after)
  const both = [...now].flatMap(([file, record]) => {
    const was = old.get(file)
    return was === undefined ? [] : [{ file, was, record }]
  })
  return {
    wall: { before: before.duration, after: after.duration },
    durations: shifts(
      both.map(({ file, was, record }) => ({ file, before: durationOf(was), after: durationOf(record) })),
    ),
    waits: shifts(
      both.map(({ file, was, record }) => ({
        file,
        before: phasesOf(was).waiting,
        after: phasesOf(record).waiting,
      })),
    ),
    added: [...now.keys()].filter((file) => !old.has(file)).sort(),
    removed: [...old.keys()].filter((file) => !now.has(file)).sort(),
    newFailures: [...now]
      .filter(([file, { outcome }]) => failed(outcome) && !failed(old.get(file)?.outcome))
      .map(([file]) => file),
    fixed: both
      .filter(({ was, record }) => failed(was.outcome) && !failed(record.outcome))
      .map(({ file }) => file),
    newFindings: without(after.findings, before.findings),
    goneFindings: without(before.findings, after.findings),
  }
}

/** By what part a time grew: 0.2 for 20 %. Infinite where it was 0. */
export function growth({ before, after }: Shift): number {
  if (before === 0) return after === 0 ? 0 : Number.POSITIVE_INFINITY
  return after / before - 1
}

/** Those that changed by more than noise, the greatest growth in ms first. */
function shifts(all: readonly FileShift[]): FileShift[] {
  return all
    .filter(({ before, after }) => Math.abs(after - before) >= Math.max(NOISE_MS, NOISE_PART * before))
    .sort((a, b) => b.after - b.before - (a.after - a.before) || (a.file < b.file ? -1 : 1))
}

function byKey(record: RunRecord) {
  return new Map(record.files.filter(({ lane }) => lane !== undefined).map((file) => [fileKey(file), file]))
}

function without(findings: readonly Finding[], known: readonly Finding[]): Finding[] {
  const seen = new Set(known.map(key))
  return findings.filter((finding) => !seen.has(key(finding)))
}

function key({ kind, resource, file, message }: Finding): string {
  return JSON.stringify([kind, resource, file, file === undefined ? message : ''])
}

function failed(outcome: FileOutcome | undefined): boolean {
  return outcome === 'failed'
}
