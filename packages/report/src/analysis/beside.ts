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

/** What ran beside a file while its worker lived, those that overlap longest first. */
export function besideOf(record: RunRecord, file: FileRecord): readonly Neighbour[] {
  const [from, to] = span(file)
  return filesThatRan(record.files)
    .filter((other) => other !== file)
    .map((other): Neighbour => {
      const [begin, end] = span(other)
      return {
        file: fileKey(other),
        lane: other.lane ?? 0,
        instances: other.instances ?? {},
        overlap: Math.min(to, end) - Math.max(from, begin),
      }
    })
    .filter(({ overlap }) => overlap > 0)
    .sort((a, b) => b.overlap - a.overlap || (a.file < b.file ? -1 : 1))
}

function span({ times }: FileRecord): [from: number, to: number] {
  const from = times.admitted ?? times.queued
  return [from, times.exited ?? times.finished ?? from]
}
