import type {
  Claim,
  FailedTest,
  FileOutcome,
  FileRecord,
  FileTimes,
  Lease,
  PartRecord,
} from '@vitest-lanes/core'

/** A file that Vitest has handed over. */
export interface RecordedFile {
  readonly file: string
  readonly project: string
  readonly claims: readonly Claim[]
  /** Hash of its text, where it was read before the run. */
  readonly content?: string
  readonly estimate: number
}

/** How many tests ended how. */
export type Tests = FileRecord['tests']
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** What happens to a file after it was handed over. */
export type Moment = Exclude<keyof FileTimes, 'queued'>

/** What a clock notes: of a file, or of a part of one. */
export interface Timed {
  times: Mutable<FileTimes>
  lease?: Lease
  pid?: number
  cpu?: number
  stalled?: number
  waitedFor?: string
  error?: string
}

/** A part of a file. */
export interface PartEntry extends Timed {
  readonly tests: number
}

/** A file. */
export interface Entry extends RecordedFile, Timed {
  parts?: PartEntry[]
  failedTests?: FailedTest[]
  outcome: FileOutcome
  tests: Tests
}

/** What is known of a file by now, as the record has it. */
export function fileRecord(entry: Entry): FileRecord {
  const { parts, ...whole } = entry
  if (parts === undefined) return ranWhole(whole)
  const records = parts.map((part) => partRecord(part, entry.claims))
  return whole.lease === undefined
    ? { ...ranWhole({ ...whole, ...ofParts(whole, parts) }), parts: records }
    : { ...ranWhole(whole), parts: records, again: true }
}

function ranWhole({ lease, estimate, ...rest }: Omit<Entry, 'parts'>): FileRecord {
  return { ...rest, estimate: Math.round(estimate), ...(lease === undefined ? {} : held(lease, rest.claims)) }
}

function partRecord({ lease, ...rest }: PartEntry, claims: readonly Claim[]): PartRecord {
  return { ...rest, ...(lease === undefined ? {} : held(lease, claims)) }
}

const FIRST_OF_PARTS = ['admitted', 'ready', 'started', 'collected'] as const
const LAST_OF_PARTS = ['finished', 'exited', 'cleaned'] as const

/** A file that ran in parts: from the first of each moment to the last. */
function ofParts({ times }: Timed, parts: readonly PartEntry[]): Timed {
  const { queued } = times
  const span: Mutable<FileTimes> = { queued }
  for (const moment of FIRST_OF_PARTS) note(span, moment, Math.min(...moments(parts, moment)))
  for (const moment of LAST_OF_PARTS) {
    const all = moments(parts, moment)
    if (all.length === parts.length) note(span, moment, Math.max(...all))
  }
  const { lease, pid, waitedFor } = parts[0]!
  const cpu = parts.flatMap((part) => part.cpu ?? [])
  return {
    times: span,
    ...(lease === undefined ? {} : { lease }),
    ...(pid === undefined ? {} : { pid }),
    ...(waitedFor === undefined ? {} : { waitedFor }),
    ...(cpu.length < parts.length ? {} : { cpu: cpu.reduce((sum, each) => sum + each, 0) }),
  }
}

function moments(parts: readonly PartEntry[], moment: Moment): number[] {
  return parts.flatMap(({ times }) => times[moment] ?? [])
}

function note(times: Mutable<FileTimes>, moment: Moment, at: number): void {
  if (Number.isFinite(at)) times[moment] = at
}

// Every file holds `alone`, most of them shared; a record names only what a file claims.
function held(lease: Lease, claims: readonly Claim[]): Pick<FileRecord, 'lane' | 'instances'> {
  const instances = Object.fromEntries(
    claims.map(({ resource }) => [resource, lease.instances[resource]!] as const),
  )
  return { lane: lease.lane, instances }
}
