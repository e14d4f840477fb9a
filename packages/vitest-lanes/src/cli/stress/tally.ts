import { excludedRate, fileKey, groupByLikeness, wilsonInterval } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import { besideOf } from '@vitest-lanes/report'
import type { TrialResult, TrialTest } from '../../trial/types.ts'
import { countBeside } from './beside.ts'
import type { FailedRun, FailingTest, LikeMessages, StressResult, StressRun } from './result.ts'

const CONFIDENCE = 0.95
/** Runs with which failures are compared: the last ones, so that a night of runs does not fill the memory. */
const REMEMBERED = 50

interface Seen {
  readonly test: TrialTest
  runs: number
  passed: number
  retried: number
  readonly failures: Failure[]
  /** When it ran in the runs in which it passed. */
  readonly passes: Map<number, Period>
}

type Period = Pick<TrialTest, 'from' | 'to'>

interface Failure extends FailedRun {
  readonly messages: readonly string[]
}

interface Told {
  readonly run: number
  readonly message: string
}

/** Counts what the runs of a stress have shown. */
export class Tally {
  readonly #runs: StressRun[] = []
  readonly #seen = new Map<string, Seen>()
  readonly #unhandled: Told[] = []
  readonly #records = new Map<number, RunRecord>()
  #files = 0

  get runs(): readonly StressRun[] {
    return this.#runs
  }

  /** How many tests have failed at least once. */
  get failing(): number {
    return [...this.#seen.values()].filter(({ failures }) => failures.length > 0).length
  }

  /** Whether anything has failed at all. */
  get isClean(): boolean {
    return this.failing === 0 && this.#unhandled.length === 0
  }

  add(run: number, { record, tests, unhandled }: TrialResult): void {
    const seed = record.seed ?? 0
    this.#files = Math.max(this.#files, record.files.length)
    for (const test of tests) this.#count(test, run, record)
    this.#unhandled.push(...unhandled.map((message) => ({ run, message })))
    this.#records.set(run, record)
    const [oldest] = this.#records.keys()
    if (this.#records.size > REMEMBERED && oldest !== undefined) this.#forget(oldest)
    const { outcome, lanes, duration } = record
    const failed = tests.filter(({ state }) => state === 'failed').length
    this.#runs.push({ run, seed, outcome, lanes, duration, failed })
  }

  result({ interrupted, duration }: Pick<StressResult, 'interrupted' | 'duration'>): StressResult {
    const ran = [...this.#seen.values()].filter(({ runs }) => runs > 0)
    const failing = ran.filter(({ failures }) => failures.length > 0).map((seen) => this.#describe(seen))
    return {
      version: 1,
      interrupted,
      files: this.#files,
      tests: ran.length,
      duration,
      runs: this.#runs,
      failing: failing.toSorted((a, b) => b.rate - a.rate || b.failures - a.failures || byName(a, b)),
      unhandled: likeMessages(this.#unhandled),
      ...(this.isClean && this.#runs.length > 0
        ? { excluded: { rate: excludedRate(this.#runs.length, CONFIDENCE), confidence: CONFIDENCE } }
        : {}),
    }
  }

  #forget(run: number): void {
    this.#records.delete(run)
    for (const { passes } of this.#seen.values()) passes.delete(run)
  }

  #count(test: TrialTest, run: number, record: RunRecord): void {
    const key = JSON.stringify([fileKey(test), test.name])
    const seen: Seen = this.#seen.get(key) ?? {
      test,
      runs: 0,
      passed: 0,
      retried: 0,
      failures: [],
      passes: new Map(),
    }
    this.#seen.set(key, seen)
    const retried = test.state === 'passed' && test.retries > 0
    if (test.state === 'passed' && !retried) {
      seen.passed++
      seen.passes.set(run, { from: test.from, to: test.to })
    }
    if (test.state === 'passed' || test.state === 'failed') seen.runs++
    if (test.state !== 'failed' && !retried) return
    if (retried) seen.retried++
    seen.failures.push({
      run,
      seed: record.seed ?? 0,
      beside: besideTest(record, test),
      messages: test.messages,
    })
  }

  #describe({ test, runs, passed, retried, failures, passes }: Seen): FailingTest {
    const compared = [...passes].map(([run, period]) =>
      besideTest(this.#records.get(run)!, { ...test, ...period }),
    )
    const told = failures.flatMap(({ run, messages }) => messages.map((message) => ({ run, message })))
    const failedIn = failures.map(({ run, seed, beside }) => ({ run, seed, beside }))
    return {
      file: test.file,
      project: test.project,
      name: test.name,
      runs,
      failures: failures.length,
      retried,
      constant: passed + retried === 0,
      rate: failures.length / runs,
      interval: wilsonInterval(failures.length, runs),
      failedIn,
      compared: compared.length,
      beside: countBeside(
        failedIn.map(({ beside }) => beside),
        compared,
      ),
      messages: likeMessages(told),
    }
  }
}

/** By file, then by name, for an order that is the same each time. */
function byName(a: FailingTest, b: FailingTest): number {
  const [first, second] = [JSON.stringify([a.file, a.name]), JSON.stringify([b.file, b.name])]
  return first < second ? -1 : 1
}

/** What ran while the test did; while its file did where the test has no time of its own. */
function besideTest(record: RunRecord, test: TrialTest): readonly string[] {
  const file = record.files.find((each) => fileKey(each) === fileKey(test))
  if (file?.times.admitted === undefined) return []
  const period = test.to > test.from ? test : undefined
  return besideOf(record, file, period).map((neighbour) => neighbour.file)
}

function likeMessages(told: readonly Told[]): readonly LikeMessages[] {
  return groupByLikeness(told, ({ message }) => message).map(({ likeness, example, items }) => ({
    likeness,
    example,
    count: items.length,
    runs: [...new Set(items.map(({ run }) => run))],
  }))
}
