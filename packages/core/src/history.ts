import type { FileRecord, RunRecord } from './record.ts'
import { mergeDivisions, type Division } from './shards/division.ts'
import { parseSplit, type SplitHistory } from './split/history.ts'

/** What is kept of a file across runs. */
export interface FileHistory {
  /**
   * The last few durations, newest last, in ms: from its instances being ready to its last hook, without the time that
   * it waited for a core. With it, whatever ran beside the longest files would read expensive, go elsewhere the next
   * time, and come back the time after.
   */
  readonly durations: readonly number[]
  /** It failed when it last ran. */
  readonly failed: boolean
  /** When the run began that was noted last; ISO 8601. */
  readonly at: string
  /** Hash of the file's text when it last ran. */
  readonly content?: string
  /** Only of a file that may run in parts. */
  readonly split?: SplitHistory
}

/** What is kept across runs: a file that CI can cache and merge. Keys are `fileKey`s. */
export interface History {
  readonly version: 1
  readonly files: Readonly<Record<string, FileHistory>>
  /** How the files were divided when they last ran in shards. */
  readonly division?: Division
}

export const EMPTY_HISTORY: History = { version: 1, files: {} }

const KEPT = 5
/** A file that has not run for so long is forgotten: it is gone, or worth measuring anew. */
const FORGOTTEN_AFTER_MS = 90 * 24 * 3600 * 1000

/** A file in a project, as one string: `tests/a.test.ts`, or `[unit] tests/a.test.ts` in the project `unit`. */
export function fileKey({ file, project }: { readonly file: string; readonly project: string }): string {
  return project === '' ? file : `[${project}] ${file}`
}

/** The path in a `fileKey`. */
export function pathOfKey(key: string): string {
  return key.replace(/^\[.*?\] /, '')
}

/** What a run has found out about files that may run in parts, by `fileKey`. */
export type SplitFindings = ReadonlyMap<string, SplitHistory>

/** The history with a run added. Files that did not run to their end stay as they were. */
export function updateHistory(
  history: History,
  record: RunRecord,
  splits: SplitFindings = new Map(),
): History {
  const files = new Map(Object.entries(history.files))
  for (const file of record.files) {
    if (file.outcome !== 'passed' && file.outcome !== 'failed') continue
    const known = files.get(fileKey(file))
    const split = splits.get(fileKey(file)) ?? known?.split
    files.set(fileKey(file), {
      durations: withDuration(known?.durations ?? [], file),
      failed: file.outcome === 'failed',
      at: record.startedAt,
      ...(file.content === undefined ? {} : { content: file.content }),
      ...(split === undefined ? {} : { split }),
    })
  }
  const oldest = Date.parse(record.startedAt) - FORGOTTEN_AFTER_MS
  for (const [key, { at }] of files) if (Date.parse(at) < oldest) files.delete(key)
  return { ...history, files: Object.fromEntries(files) }
}

/** A failure may be cut short or wait for a time-out: its duration counts only until a better one is known. */
function withDuration(
  durations: readonly number[],
  { outcome, times, stalled = 0, parts, again }: FileRecord,
): readonly number[] {
  // Parts tell how long the file takes in parts.
  if (parts !== undefined && again === undefined && durations.length > 0) return durations
  const begin = times.ready ?? times.admitted
  if (begin === undefined || times.finished === undefined) return durations
  if (outcome === 'failed' && durations.length > 0) return durations
  return [...durations, Math.max(0, tenths(times.finished - begin - stalled))].slice(-KEPT)
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** One history of two, such as those of two shards: of each file, what was noted last. In any order the same. */
export function mergeHistory(a: History, b: History): History {
  const files = new Map(Object.entries(a.files))
  for (const [key, theirs] of Object.entries(b.files)) {
    const ours = files.get(key)
    if (ours === undefined || isNewer(theirs, ours)) files.set(key, theirs)
  }
  const division = mergeDivisions(a.division, b.division)
  return {
    version: 1,
    files: Object.fromEntries([...files].sort(([x], [y]) => (x < y ? -1 : 1))),
    ...(division === undefined ? {} : { division }),
  }
}

function isNewer(a: FileHistory, b: FileHistory): boolean {
  if (a.at !== b.at) return a.at > b.at
  return JSON.stringify([a.failed, a.durations]) > JSON.stringify([b.failed, b.durations])
}

/** Reads a history; says in one sentence what is wrong with it. */
export function parseHistory(json: string): History | { readonly error: string } {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch {
    return { error: 'It is not JSON.' }
  }
  if (!isRecord(parsed)) return { error: 'Expected an object.' }
  if (parsed['version'] !== 1)
    return { error: `Expected version 1, got ${JSON.stringify(parsed['version'])}.` }
  if (!isRecord(parsed['files'])) return { error: 'Expected `files` to be an object.' }
  const files = new Map<string, FileHistory>()
  for (const [key, value] of Object.entries(parsed['files'])) {
    const file = parseFile(value)
    if (file === undefined) return { error: `The entry of \`${key}\` cannot be read.` }
    files.set(key, file)
  }
  const { division } = parsed
  if (division !== undefined && !isDivision(division))
    return { error: 'The division into shards cannot be read.' }
  return { version: 1, files: Object.fromEntries(files), ...(division === undefined ? {} : { division }) }
}

function isDivision(value: unknown): value is Division {
  if (!isRecord(value)) return false
  const { series, at, count, begun, files } = value
  return (
    typeof series === 'string' &&
    typeof at === 'string' &&
    Number.isInteger(count) &&
    Array.isArray(begun) &&
    begun.every(Number.isInteger) &&
    isRecord(files) &&
    Object.values(files).every(Number.isInteger)
  )
}

function parseFile(value: unknown): FileHistory | undefined {
  if (!isRecord(value)) return undefined
  const { durations, failed, at, content, split } = value
  if (!Array.isArray(durations) || !durations.every(isDuration)) return undefined
  if (typeof failed !== 'boolean' || typeof at !== 'string') return undefined
  if (content !== undefined && typeof content !== 'string') return undefined
  const known = parseSplit(split)
  return {
    durations,
    failed,
    at,
    ...(content === undefined ? {} : { content }),
    ...(known === undefined ? {} : { split: known }),
  }
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
