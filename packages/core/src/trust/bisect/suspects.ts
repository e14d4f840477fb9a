import { fileKey } from '../../history.ts'
import type { FileRecord, RunRecord } from '../../record.ts'
import type { Suspect } from './types.ts'

/** A test, in a file by `fileKey`. */
export interface BisectTarget {
  readonly file: string
  /** Its suites and its name: `a suite > a test`. */
  readonly name: string
}

export interface SuspectOptions {
  /** The run in which the test failed. */
  readonly record: RunRecord
  readonly target: BisectTarget
  /** Other runs of the suite, whether it failed or passed in them. */
  readonly others?: readonly RunRecord[]
  /** Whether a file still exists. */
  readonly present?: (file: string) => boolean
  /** Whether it is known that a file touches what the test's own file touches, from what was watched. */
  readonly collides?: (file: string) => boolean
}

/** How much likelier a file is for what it has in common with the test's own. */
const SAME_RESOURCE = 3
const SAME_INSTANCE = 2
const WHILE_IT_FAILED = 2
const COLLIDES = 10
/** How probable a failure is in a run in which the file at fault was there, and in one in which it was not. */
const FAILS_WITH = 0.5
const FAILS_WITHOUT = 0.05
/** Other runs make a file at most so much likelier, or unlikelier: they may have been of other code. */
const MOST_FROM_RUNS = 50

/**
 * Files that may be at fault: all that had begun when the test ended. In the order in which they began; with how likely
 * each is: those that share something with the test's own file, were near it, and were there when it failed in other
 * runs, and not when it passed.
 */
export function suspectsOf(options: SuspectOptions): Suspect[] {
  const { record, target, others = [], present = () => true, collides = () => false } = options
  const own = record.files.find((file) => fileKey(file) === target.file)
  if (own === undefined) return []
  const window = windowOf(own, target, record)
  const candidates = record.files
    .filter((file) => file !== own && present(fileKey(file)) && began(file) < window.to)
    .sort((a, b) => began(a) - began(b))
  const runs = others.flatMap((other) => runOf(other, target))
  return candidates.map((file, index): Suspect => {
    const id = fileKey(file)
    const relation = (file.times.finished ?? record.duration) <= window.from ? 'before' : 'beside'
    const isBesideTest = relation === 'beside' && (file.times.finished ?? record.duration) > window.test
    const near = 1 + 1 / (candidates.length - index)
    const weight =
      near *
      (file.claims.some(({ resource }) => own.claims.some((claim) => claim.resource === resource))
        ? SAME_RESOURCE
        : 1) *
      (sharesInstance(file, own) ? SAME_INSTANCE : 1) *
      (isBesideTest ? WHILE_IT_FAILED : 1) *
      (collides(id) ? COLLIDES : 1) *
      fromRuns(id, runs)
    return { id, weight, relation }
  })
}

/** When the file was there, and when its test began. */
function windowOf(
  own: FileRecord,
  target: BisectTarget,
  record: RunRecord,
): { from: number; test: number; to: number } {
  const failed = own.failedTests?.find(({ name }) => name === target.name)
  const from = began(own)
  return { from, test: failed?.from ?? from, to: failed?.to ?? own.times.finished ?? record.duration }
}

function began({ times }: FileRecord): number {
  return times.admitted ?? times.started ?? Number.POSITIVE_INFINITY
}

function sharesInstance(a: FileRecord, b: FileRecord): boolean {
  return Object.entries(a.instances ?? {}).some(([resource, number]) => b.instances?.[resource] === number)
}

interface Run {
  readonly failed: boolean
  readonly there: ReadonlySet<string>
}

/** Whether the test failed in a run, and what had begun by then. Nothing where its file did not run. */
function runOf(record: RunRecord, target: BisectTarget): Run[] {
  const own = record.files.find((file) => fileKey(file) === target.file)
  if (own?.times.started === undefined || own.outcome === 'cancelled') return []
  const { to } = windowOf(own, target, record)
  const there = record.files.filter((file) => began(file) < to).map(fileKey)
  const failed = own.failedTests?.some(({ name }) => name === target.name) ?? false
  return [{ failed, there: new Set(there) }]
}

function fromRuns(id: string, runs: readonly Run[]): number {
  const factor = runs.reduce((product, { failed, there }) => {
    const rate = there.has(id) ? FAILS_WITH : FAILS_WITHOUT
    return product * (failed ? rate : 1 - rate)
  }, 1)
  // Against a file that says nothing, since it was in all of them.
  const usual = runs.reduce((product, { failed }) => product * (failed ? FAILS_WITH : 1 - FAILS_WITH), 1)
  return Math.min(MOST_FROM_RUNS, Math.max(1 / MOST_FROM_RUNS, factor / usual))
}
