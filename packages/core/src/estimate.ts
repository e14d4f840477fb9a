import { fileKey, type History } from './history.ts'
import type { SplitHistory } from './split/history.ts'

/** A file to estimate. */
export interface EstimatedFile {
  /** Path from the root, with `/`. */
  readonly file: string
  readonly project: string
  /** Bytes. */
  readonly size?: number
  /** Hash of its text. */
  readonly content?: string
}

export interface Estimator {
  /** How long the file will take, in ms. */
  readonly estimate: (file: EstimatedFile) => number
  /** Whether it failed when it last ran. */
  readonly failedLast: (file: EstimatedFile) => boolean
  /** What is known of running it in parts. */
  readonly split: (file: EstimatedFile) => SplitHistory | undefined
}

/** For a file of which nothing is known, not even its size. */
const UNKNOWN_MS = 1000
/** A guess, to put larger files first where nothing has ever run: 300 lines a second. */
const BYTES_PER_MS = 10

/**
 * Estimates durations from what ran before: a known file by the median of its last runs, a renamed one by those of
 * the file that had its text, an unknown one by the median of its directory, else of its project, else of all files,
 * else by its size.
 */
export function createEstimator(history: History): Estimator {
  const medians = new Map<string, number>()
  for (const [key, { durations }] of Object.entries(history.files))
    if (durations.length > 0) medians.set(key, median(durations))
  const ofContent = groupMedians(medians, (key) => history.files[key]?.content ?? '')
  const ofDirectory = groupMedians(medians, directoryOf)
  const ofProject = groupMedians(medians, projectOf)
  const ofAll = medians.size > 0 ? median([...medians.values()]) : undefined

  return {
    estimate(file) {
      const key = fileKey(file)
      return (
        medians.get(key) ??
        (file.content === undefined ? undefined : ofContent.get(file.content)) ??
        ofDirectory.get(directoryOf(key)) ??
        ofProject.get(projectOf(key)) ??
        ofAll ??
        (file.size === undefined ? UNKNOWN_MS : file.size / BYTES_PER_MS)
      )
    },
    failedLast: (file) => history.files[fileKey(file)]?.failed ?? false,
    split: (file) => history.files[fileKey(file)]?.split,
  }
}

function groupMedians(
  durations: ReadonlyMap<string, number>,
  groupOf: (key: string) => string,
): Map<string, number> {
  const groups = new Map<string, number[]>()
  for (const [key, duration] of durations) {
    const members = groups.get(groupOf(key))
    if (members === undefined) groups.set(groupOf(key), [duration])
    else members.push(duration)
  }
  return new Map([...groups].map(([group, members]) => [group, median(members)]))
}

/** With the project. */
function directoryOf(key: string): string {
  return key.slice(0, Math.max(key.lastIndexOf('/'), key.indexOf('] ')) + 1)
}

function projectOf(key: string): string {
  return key.startsWith('[') ? key.slice(0, key.indexOf('] ') + 1) : ''
}

/** Of at least one number. */
function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? 0
  const lower = sorted[(sorted.length - 1) >> 1] ?? 0
  return (lower + upper) / 2
}
