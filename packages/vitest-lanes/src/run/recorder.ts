import { RECORD_VERSION, runsOf } from '@vitest-lanes/core'
import type { FileOutcome, FileRecord, Finding, Lease, ResourceRecord, RunRecord } from '@vitest-lanes/core'
import { besideOf } from '@vitest-lanes/report'
import type { Neighbour } from '@vitest-lanes/report'
import { processCpu, processStall } from './process-cpu.ts'
import { fileRecord } from './record-entry.ts'
import type { Entry, Moment, PartEntry, RecordedFile, Tests, Timed } from './record-entry.ts'

export type { Moment, RecordedFile } from './record-entry.ts'

/** What is measured in a run. */
interface Meter {
  /** Who wants to know that something has happened to a file. */
  reached(file: RecordedFile, moment: Moment): void
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
  readonly #entry: Timed
  readonly #meter: Meter

  constructor(entry: Timed, meter: Meter) {
    this.#entry = entry
    this.#meter = meter
  }

  note(moment: Moment): void {
    noteMoment(this.#entry, moment, this.#meter)
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

  /** A process that was up before is the file's from now on: what it waited for until then held up nobody. */
  tookAhead(pid: number | undefined): void {
    if (pid !== undefined) this.#meter.stalled(pid)
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

function noteMoment(entry: Timed, moment: Moment, meter: Meter): void {
  if (entry.times[moment] !== undefined) return
  entry.times[moment] = meter.now()
  if (isFile(entry)) meter.reached(entry, moment)
}

function isFile(entry: Timed): entry is Entry {
  return 'file' in entry
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
    reached: (file, moment) => this.#reached(file, moment),
    now: () => tenths(performance.now() - this.#begun),
    cpu: growth(processCpu),
    stalled: growth(processStall),
  }

  readonly #reached: Meter['reached']

  /** @param reached is told when something has happened to a file */
  constructor(reached: Meter['reached'] = () => {}) {
    this.#reached = reached
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

  /** Adds a part of a file, which notes things of its own. */
  addPart(id: string, tests: number): FileClock {
    const entry = this.#entries.get(id)
    const part: PartEntry = { tests, times: { queued: this.#meter.now() } }
    if (entry !== undefined) entry.parts = [...(entry.parts ?? []), part]
    return new FileClock(part, this.#meter)
  }

  /** A file's imports have run. */
  collected(id: string): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) noteMoment(entry, 'collected', this.#meter)
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
    const files = [...this.#entries.values()]
      .flatMap((other) => (other === entry ? [file] : runsOf(fileRecord(other))))
      .filter(({ lane, times }) => lane !== undefined && (times.exited ?? Infinity) >= failed.from)
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
