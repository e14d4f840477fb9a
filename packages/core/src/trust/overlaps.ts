import { fileKey } from '../history.ts'
import type { FileRecord, RunRecord } from '../record.ts'

/** Two files that ran at the same time: their `fileKey`s, in the order of the alphabet. */
export type Pair = readonly [string, string]

/** Which files ran at the same time, from their leases to their last hooks. What only touches does not overlap. */
export function overlapsOf({ files, duration }: Pick<RunRecord, 'files' | 'duration'>): readonly Pair[] {
  const spans = files
    .filter(({ times }) => times.admitted !== undefined)
    .map((file) => ({ key: fileKey(file), from: file.times.admitted!, to: endOf(file, duration) }))
    .toSorted((a, b) => a.from - b.from || a.to - b.to)
  const pairs: Pair[] = []
  let running: typeof spans = []
  for (const span of spans) {
    running = running.filter(({ to }) => to > span.from)
    for (const other of running)
      if (span.to > span.from)
        pairs.push(other.key < span.key ? [other.key, span.key] : [span.key, other.key])
    running.push(span)
  }
  return pairs.toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
}

// What was cut off ran on to the end.
function endOf({ times }: FileRecord, duration: number): number {
  return times.finished ?? times.exited ?? duration
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
