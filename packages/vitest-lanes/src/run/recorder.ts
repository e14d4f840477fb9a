import { RECORD_VERSION } from '@vitest-lanes/core'
import type {
  Claim,
  FailedTest,
  FileOutcome,
  FileRecord,
  FileTimes,
  Finding,
  Lease,
  ResourceRecord,
  RunRecord,
} from '@vitest-lanes/core'
import { besideOf } from '@vitest-lanes/report'
import type { Neighbour } from '@vitest-lanes/report'
import { processCpu, processStall } from './process-cpu.ts'

export interface RecordedFile {
  readonly file: string
  readonly project: string
  readonly claims: readonly Claim[]
  /** Hash of its text, where it was read before the run. */
  readonly content?: string
  readonly estimate: number
}

type Tests = FileRecord['tests']
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

interface Entry extends RecordedFile {
  times: Mutable<FileTimes>
  lease?: Lease
  pid?: number
  cpu?: number
  stalled?: number
  waitedFor?: string
  error?: string
  failedTests?: FailedTest[]
  outcome: FileOutcome
  tests: Tests
}

type Moment = Exclude<keyof FileTimes, 'queued'>

/** What is measured in a run. */
interface Meter {
  /** ms since the run began, one decimal. */
  now(): number
  /** CPU that a process has used since it was last asked for, in ms. */
  cpu(pid: number): number | undefined
  /** How long it waited for a core since then, in ms. */
  stalled(pid: number): number | undefined
}

/**
 * Notes when things happen to one file. Each is noted once; a file that runs again in watch mode has a new clock.
 * A class for its size: there is one for each of ten thousand files.
 */
export class FileClock {
  readonly #entry: Entry
  readonly #meter: Meter

  constructor(entry: Entry, meter: Meter) {
    this.#entry = entry
    this.#meter = meter
  }

  note(moment: Moment): void {
    this.#entry.times[moment] ??= this.#meter.now()
  }

  /** Its process still lives: only now can be read what it has used. */
  finished(): void {
    const { times, pid } = this.#entry
    if (times.finished !== undefined) return
    this.note('finished')
    if (pid === undefined) return
    const cpu = this.#meter.cpu(pid)
    if (cpu !== undefined) this.#entry.cpu = cpu
    const stalled = this.#meter.stalled(pid)
    if (stalled !== undefined) this.#entry.stalled = stalled
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
  readonly #meter: Meter = {
    now: () => tenths(performance.now() - this.#begun),
    cpu: growth(processCpu),
    stalled: growth(processStall),
  }

  /** Adds a file that Vitest has handed over. */
  add(id: string, file: RecordedFile): FileClock {
    const entry: Entry = {
      ...file,
      times: { queued: this.#meter.now() },
      outcome: 'cancelled',
      tests: NO_TESTS,
    }
    this.#entries.set(id, entry)
    return new FileClock(entry, this.#meter)
  }

  /** A file's imports have run. */
  collected(id: string): void {
    const times = this.#entries.get(id)?.times
    if (times !== undefined) times.collected ??= this.#meter.now()
  }

  /**
   * Notes a test that failed.
   * @param from when it began, by `Date.now()`
   * @returns what ran beside it meanwhile, and the file as it is known now; undefined for a file that is not ours
   */
  failedTest(
    id: string,
    name: string,
    { from, duration }: { readonly from: number; readonly duration: number },
  ): { readonly file: FileRecord; readonly beside: readonly Neighbour[] } | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    // By how long ago it was: the two clocks were not read at the same moment when the run began.
    const ago = Date.now() - from
    const begin = Math.max(0, this.#meter.now() - ago)
    const failed = { name, from: tenths(begin), to: tenths(begin + duration) }
    entry.failedTests = [...(entry.failedTests ?? []), failed]
    const file = fileRecord(entry)
    const others = [...this.#entries.values()].filter(
      ({ lease, times }) => lease !== undefined && (times.exited ?? Infinity) >= failed.from,
    )
    const files = others.map((other) => (other === entry ? file : fileRecord(other)))
    return { file, beside: besideOf({ files, duration: this.#meter.now() }, file, failed) }
  }

  /** A file as it is known now. */
  get(id: string): FileRecord | undefined {
    const entry = this.#entries.get(id)
    return entry === undefined ? undefined : fileRecord(entry)
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
      duration: this.#meter.now(),
      outcome,
      resources,
      files: [...this.#entries.values()].map(fileRecord),
      findings: [...this.#findings],
    }
  }
}

/** By how much a figure of a process has grown. It may run several files, and its number may have been another's. */
function growth(read: (pid: number) => number | undefined): (pid: number) => number | undefined {
  const last = new Map<number, number>()
  return (pid) => {
    const now = read(pid)
    if (now === undefined) return undefined
    const before = last.get(pid) ?? 0
    last.set(pid, now)
    return now < before ? now : now - before
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
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
