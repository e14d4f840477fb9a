import { fileKey } from '@vitest-lanes/core'
import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import { filesThatRan } from './times.ts'
import { instancesOf } from './instances.ts'

/** A file that ran at the same time as another. */
export interface Neighbour {
  /** As `fileKey`. */
  readonly file: string
  readonly lane: number
  readonly instances: Readonly<Record<string, number>>
  /** For how long both ran, in ms. */
  readonly overlap: number
}

/** From when to when, in ms since the run began. */
export interface Period {
  readonly from: number
  readonly to: number
}

interface Span {
  readonly file: FileRecord
  readonly begin: number
  readonly end: number
  /** The latest end of this one and all before it in its lane. */
  readonly latest: number
}

/** A record, or as much of one as there is while the run is under way: `duration` is then now. */
type Files = Pick<RunRecord, 'files' | 'duration'>

/**
 * What ran beside a file, those that overlap longest first.
 * @param period such as that of a test that failed; as long as its worker lived where left out
 */
export function besideOf(record: Files, file: FileRecord, period?: Period): readonly Neighbour[] {
  return createNeighbours(record)(file, period)
}

/** The same for several files of a record, each in no more time than there are lanes and neighbours. */
export function createNeighbours(record: Files): (file: FileRecord, period?: Period) => readonly Neighbour[] {
  // What was cut off, or still runs, has no end of its own.
  const endOf = ({ times }: FileRecord): number => times.exited ?? times.finished ?? record.duration
  const lanes = new Map<number, Span[]>()
  const sorted = filesThatRan(record.files).sort((a, b) => beginOf(a) - beginOf(b))
  for (const file of sorted) {
    const lane = lanes.get(file.lane ?? 0) ?? []
    lanes.set(file.lane ?? 0, lane)
    const end = endOf(file)
    lane.push({ file, begin: beginOf(file), end, latest: Math.max(end, lane.at(-1)?.latest ?? 0) })
  }
  return (file, { from, to } = { from: beginOf(file), to: endOf(file) }) =>
    [...lanes.values()]
      .flatMap((lane) => overlapping(lane, from, to))
      // One that ran again after its parts is a record of its own among the others.
      .filter((span) => span.file !== file && fileKey(span.file) !== fileKey(file))
      .map(({ file: other, begin, end }): Neighbour => ({
        file: fileKey(other),
        lane: other.lane ?? 0,
        instances: instancesOf(other),
        overlap: Math.min(to, end) - Math.max(from, begin),
      }))
      .sort((a, b) => b.overlap - a.overlap || (a.file < b.file ? -1 : 1))
}

function overlapping(lane: readonly Span[], from: number, to: number): Span[] {
  let low = 0
  let high = lane.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (lane[middle]!.latest <= from) low = middle + 1
    else high = middle
  }
  const found: Span[] = []
  for (let index = low; index < lane.length && lane[index]!.begin < to; index++)
    if (lane[index]!.end > from) found.push(lane[index]!)
  return found
}

function beginOf({ times }: FileRecord): number {
  return times.admitted ?? times.queued
}
