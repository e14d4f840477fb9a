import { fileKey } from '@vitest-lanes/core'
import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import { filesThatRan } from './times.ts'

/** A file that ran at the same time as another. */
export interface Neighbour {
  /** As `fileKey`. */
  readonly file: string
  readonly lane: number
  readonly instances: Readonly<Record<string, number>>
  /** For how long both ran, in ms. */
  readonly overlap: number
}

interface Span {
  readonly file: FileRecord
  readonly begin: number
  readonly end: number
  /** The latest end of this one and all before it in its lane. */
  readonly latest: number
}

/** What ran beside a file while its worker lived, those that overlap longest first. */
export function besideOf(record: RunRecord, file: FileRecord): readonly Neighbour[] {
  return createNeighbours(record)(file)
}

/** The same for several files of a record, each in no more time than there are lanes and neighbours. */
export function createNeighbours(record: RunRecord): (file: FileRecord) => readonly Neighbour[] {
  const lanes = new Map<number, Span[]>()
  const sorted = filesThatRan(record.files).sort((a, b) => beginOf(a) - beginOf(b))
  for (const file of sorted) {
    const lane = lanes.get(file.lane ?? 0) ?? []
    lanes.set(file.lane ?? 0, lane)
    const end = endOf(file)
    lane.push({ file, begin: beginOf(file), end, latest: Math.max(end, lane.at(-1)?.latest ?? 0) })
  }
  return (file) => {
    const [from, to] = [beginOf(file), endOf(file)]
    return [...lanes.values()]
      .flatMap((lane) => overlapping(lane, from, to))
      .filter((span) => span.file !== file)
      .map(({ file: other, begin, end }): Neighbour => ({
        file: fileKey(other),
        lane: other.lane ?? 0,
        instances: other.instances ?? {},
        overlap: Math.min(to, end) - Math.max(from, begin),
      }))
      .sort((a, b) => b.overlap - a.overlap || (a.file < b.file ? -1 : 1))
  }
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

function endOf(file: FileRecord): number {
  return file.times.exited ?? file.times.finished ?? beginOf(file)
}
