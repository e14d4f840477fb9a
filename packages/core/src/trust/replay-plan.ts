import { fileKey } from '../history.ts'
import type { FileRecord, RunRecord } from '../record.ts'

/** How far a file has come, in this order. */
export const REPLAY_POINTS = ['admitted', 'started', 'collected', 'finished', 'cleaned'] as const
export type ReplayPoint = (typeof REPLAY_POINTS)[number]

/** That a file has come so far. */
export interface ReachedPoint {
  /** As `fileKey` has it. */
  readonly file: string
  readonly point: ReplayPoint
}

/** How a run has to go for its files to meet as they did in a recorded one. Files are named by `fileKey`. */
export interface ReplayPlan {
  readonly lanes: number
  /** In which they were admitted. */
  readonly order: readonly string[]
  readonly lane: Readonly<Record<string, number>>
  /** What has to have happened before a file is admitted. What follows from that is left out. */
  readonly after: Readonly<Record<string, readonly ReachedPoint[]>>
  /** How long after all of that a file was admitted, in ms, where nothing that is known had made it wait. */
  readonly wait: Readonly<Record<string, number>>
}

interface Reached extends ReachedPoint {
  readonly index: number
  readonly at: number
}

/** Admission answers within less. */
const WORTH_WAITING_MS = 50

/**
 * The order in which things happened in a run, as a relation that another run can obey: a file is admitted when every
 * file before it has come as far as it had then. The relation has no cycles: it leads from files that were admitted
 * earlier to later ones.
 * @param present leaves out what there is no longer; then what followed from it is kept by the files that are left
 */
export function replayPlan(
  record: Pick<RunRecord, 'files' | 'lanes'>,
  present: (key: string) => boolean = () => true,
): ReplayPlan {
  const files = record.files
    .filter((file) => file.times.admitted !== undefined && present(fileKey(file)))
    .toSorted((a, b) => a.times.admitted! - b.times.admitted!)
  const points = files
    .flatMap(pointsOf)
    .toSorted((a, b) => a.at - b.at || a.index - b.index || rank(a.point) - rank(b.point))
  const after: Record<string, readonly ReachedPoint[]> = {}
  const wait: Record<string, number> = {}
  let next = 0
  for (const [index, file] of files.entries()) {
    const key = fileKey(file)
    const admitted = file.times.admitted!
    const reached = new Map<string, ReplayPoint>()
    // What was reached before the file that was admitted last follows from waiting for that one.
    for (; isBefore(points[next], index, admitted); next++)
      reached.set(points[next]!.file, points[next]!.point)
    if (reached.size > 0) after[key] = [...reached].map(([other, point]) => ({ file: other, point }))
    const gap = next === 0 ? 0 : admitted - points[next - 1]!.at
    if (gap >= WORTH_WAITING_MS) wait[key] = Math.round(gap)
  }
  return {
    lanes: record.lanes,
    order: files.map(fileKey),
    lane: Object.fromEntries(
      files.flatMap((file) => (file.lane === undefined ? [] : [[fileKey(file), file.lane]])),
    ),
    after,
    wait,
  }
}

function isBefore(point: Reached | undefined, index: number, time: number): boolean {
  return point !== undefined && point.at <= time && point.index < index
}

function pointsOf(file: FileRecord, index: number): Reached[] {
  return REPLAY_POINTS.flatMap((point) => {
    const at = file.times[point]
    return at === undefined ? [] : [{ file: fileKey(file), point, index, at }]
  })
}

function rank(point: ReplayPoint): number {
  return REPLAY_POINTS.indexOf(point)
}
