import { fileKey } from '../history.ts'
import type { FileOutcome, RunRecord } from '../record.ts'
import { overlapsOf, type Pair } from './overlaps.ts'

/** How far a repeat went as the run that it repeats. Only of files that are in both. */
export interface ReplayMatch {
  readonly files: number
  /** How many ran in the lane in which they had run. */
  readonly sameLane: number
  /** How many were admitted as the same one of all, counted from the first. */
  readonly sameTurn: number
  readonly overlaps: {
    readonly recorded: number
    /** Of those. */
    readonly repeated: number
    /** Of those that did not come about again. */
    readonly missing: readonly Pair[]
    /** How many files overlapped that had not. */
    readonly added: number
  }
  /** Files that ended in another way. */
  readonly outcomes: readonly {
    readonly file: string
    readonly recorded: FileOutcome
    readonly repeated: FileOutcome
  }[]
  /** Tests that failed, as `file › test`. */
  readonly failures: {
    readonly both: readonly string[]
    readonly recordedOnly: readonly string[]
    readonly repeatedOnly: readonly string[]
  }
}

/** Compares a repeat with the run that it repeats. */
export function matchReplay(recorded: RunRecord, repeated: RunRecord): ReplayMatch {
  const [before, after] = inBoth(recorded, repeated)
  const earlier = new Set(overlapsOf(before).map(pairKey))
  const later = overlapsOf(after).map(pairKey)
  const repeatedPairs = new Set(later)
  const files = new Map(after.files.map((file) => [fileKey(file), file]))
  const turns = turnsOf(after)
  return {
    files: before.files.length,
    sameLane: before.files.filter((file) => files.get(fileKey(file))!.lane === file.lane).length,
    sameTurn: [...turnsOf(before)].filter(([key, turn]) => turns.get(key) === turn).length,
    overlaps: {
      recorded: earlier.size,
      repeated: later.filter((pair) => earlier.has(pair)).length,
      missing: overlapsOf(before).filter((pair) => !repeatedPairs.has(pairKey(pair))),
      added: later.filter((pair) => !earlier.has(pair)).length,
    },
    outcomes: before.files.flatMap((file) => {
      const now = files.get(fileKey(file))!.outcome
      return now === file.outcome ? [] : [{ file: fileKey(file), recorded: file.outcome, repeated: now }]
    }),
    failures: compareFailures(failuresOf(before), failuresOf(after)),
  }
}

function inBoth(a: RunRecord, b: RunRecord): readonly [RunRecord, RunRecord] {
  const [ofA, ofB] = [keysOf(a), keysOf(b)]
  const cut = (record: RunRecord): RunRecord => ({
    ...record,
    files: record.files.filter((file) => ofA.has(fileKey(file)) && ofB.has(fileKey(file))),
  })
  return [cut(a), cut(b)]
}

/** Of the files that ran. */
function keysOf({ files }: RunRecord): ReadonlySet<string> {
  return new Set(files.filter(({ times }) => times.admitted !== undefined).map(fileKey))
}

function turnsOf({ files }: RunRecord): ReadonlyMap<string, number> {
  const sorted = files.toSorted((a, b) => (a.times.admitted ?? 0) - (b.times.admitted ?? 0))
  return new Map(sorted.map((file, index) => [fileKey(file), index]))
}

/** A file that failed without a test that did counts as one. */
function failuresOf({ files }: RunRecord): readonly string[] {
  return files.flatMap((file) => {
    if (file.outcome !== 'failed') return []
    const tests = file.failedTests ?? []
    return tests.length === 0 ? [fileKey(file)] : tests.map(({ name }) => `${fileKey(file)} › ${name}`)
  })
}

function compareFailures(before: readonly string[], after: readonly string[]): ReplayMatch['failures'] {
  const [was, is] = [new Set(before), new Set(after)]
  return {
    both: [...was].filter((name) => is.has(name)),
    recordedOnly: [...was].filter((name) => !is.has(name)),
    repeatedOnly: [...is].filter((name) => !was.has(name)),
  }
}

function pairKey([a, b]: Pair): string {
  return `${a}\0${b}`
}
