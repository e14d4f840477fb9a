import { RECORD_VERSION } from '@vitest-lanes/core'
import type {
  Claim,
  FileOutcome,
  FileRecord,
  FileTimes,
  Finding,
  Lease,
  ResourceRecord,
  RunRecord,
} from '@vitest-lanes/core'

export interface RecordedFile {
  readonly file: string
  readonly project: string
  readonly claims: readonly Claim[]
  readonly estimate: number
}

type Tests = FileRecord['tests']
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

interface Entry extends RecordedFile {
  times: Mutable<FileTimes>
  lease?: Lease
  pid?: number
  waitedFor?: string
  error?: string
  outcome: FileOutcome
  tests: Tests
}

type Moment = Exclude<keyof FileTimes, 'queued'>

/**
 * Notes when things happen to one file. Each is noted once; a file that runs again in watch mode has a new clock.
 * A class for its size: there is one for each of ten thousand files.
 */
export class FileClock {
  readonly #entry: Entry
  readonly #now: () => number

  constructor(entry: Entry, now: () => number) {
    this.#entry = entry
    this.#now = now
  }

  note(moment: Moment): void {
    this.#entry.times[moment] ??= this.#now()
  }

  admitted(lease: Lease): void {
    this.#entry.lease = lease
    this.note('admitted')
  }

  started(pid: number | undefined): void {
    if (pid !== undefined) this.#entry.pid = pid
    this.note('started')
  }

  waitedFor(resource: string): void {
    this.#entry.waitedFor = resource
  }

  failed(error: Error): void {
    this.#entry.error = error.message.split('\n', 1)[0]!
  }
}

/** What stays the same for the whole run. */
export type RunFacts = Pick<
  RunRecord,
  'run' | 'vitestLanes' | 'vitest' | 'node' | 'platform' | 'cores' | 'lanes' | 'shard' | 'seed'
>

const NO_TESTS: Tests = { passed: 0, failed: 0, skipped: 0, todo: 0 }

/** Collects the run record of one run. */
export class Recorder {
  readonly #begun = performance.now()
  readonly #startedAt = new Date().toISOString()
  readonly #entries = new Map<string, Entry>()
  readonly #findings: Finding[] = []
  readonly #now = (): number => Math.round((performance.now() - this.#begun) * 10) / 10

  /** Adds a file that Vitest has handed over. */
  add(id: string, file: RecordedFile): FileClock {
    const entry: Entry = { ...file, times: { queued: this.#now() }, outcome: 'cancelled', tests: NO_TESTS }
    this.#entries.set(id, entry)
    return new FileClock(entry, this.#now)
  }

  /** How a file ended, as Vitest reports it. */
  outcome(id: string, outcome: FileOutcome, tests: Tests): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    entry.outcome = entry.error === undefined ? outcome : 'failed'
    entry.tests = tests
  }

  find(finding: Finding): void {
    this.#findings.push(finding)
  }

  finish(
    facts: RunFacts,
    outcome: RunRecord['outcome'],
    resources: Readonly<Record<string, ResourceRecord>>,
  ): RunRecord {
    return {
      version: RECORD_VERSION,
      ...facts,
      startedAt: this.#startedAt,
      duration: this.#now(),
      outcome,
      resources,
      files: [...this.#entries.values()].map(fileRecord),
      findings: [...this.#findings],
    }
  }
}

function fileRecord(entry: Entry): FileRecord {
  const { lease, ...known } = entry
  const { estimate, ...rest } = known
  return {
    ...rest,
    estimate: Math.round(estimate),
    ...(lease === undefined ? {} : { lane: lease.lane, instances: claimed(lease, entry.claims) }),
  }
}

// Every file holds `alone`, most of them shared; a record names only what a file claims.
function claimed(lease: Lease, claims: readonly Claim[]): Record<string, number> {
  return Object.fromEntries(claims.map(({ resource }) => [resource, lease.instances[resource]!]))
}
