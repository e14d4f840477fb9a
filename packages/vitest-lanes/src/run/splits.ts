import { MOST_TESTS, fileKey } from '@vitest-lanes/core'
import type {
  FileRecord,
  Finding,
  KnownTest,
  SplitFindings,
  SplitHistory,
  TestKind,
  Unsafe,
} from '@vitest-lanes/core'
import type { TestCase, TestModule } from 'vitest/node'
import type { Problem, SnapshotResult } from '../vitest/transcript.ts'

/** What is known, before a run, of a file that may be split. */
export interface SplitFile {
  /** Of earlier runs; undefined where it has to run whole first. */
  readonly known: SplitHistory | undefined
  /** Hash of its text. */
  readonly content: string
  /** Hash of its snapshot file, as it is now. */
  snapshots(): Promise<string>
  /** Its tests by part, where it is to run in parts. */
  readonly parts: readonly (readonly KnownTest[])[] | undefined
}

/** What a run does with files that may be split, and what it learns of them. Keys are `fileKey`s. */
export class Splits {
  readonly #files: ReadonlyMap<string, SplitFile>
  readonly #find: (finding: Finding) => void
  readonly #snapshots = new Map<string, SnapshotResult>()
  readonly #problems = new Map<string, Problem>()
  readonly #merged = new Set<string>()

  constructor(files: ReadonlyMap<string, SplitFile>, find: (finding: Finding) => void) {
    this.#files = files
    this.#find = find
  }

  /** Whether something is to be learned of the file. */
  has(id: string): boolean {
    return this.#files.has(id)
  }

  /** How the file is to run: its tests by part; undefined where whole. */
  partsOf(id: string): readonly (readonly KnownTest[])[] | undefined {
    return this.#files.get(id)?.parts
  }

  /** How many snapshots the file compares. */
  matched(id: string): number {
    return this.#files.get(id)?.known?.matched ?? 0
  }

  /** What each part of it takes beside its tests, in ms. */
  overhead(id: string): number {
    return this.#files.get(id)?.known?.overhead ?? 0
  }

  /** The file, whole or of all its parts, has compared its snapshots. */
  compared(id: string, snapshots: SnapshotResult): void {
    this.#snapshots.set(id, snapshots)
  }

  /** Its parts have been told as one file. */
  merged(id: string, snapshots: SnapshotResult | undefined): void {
    this.#merged.add(id)
    if (snapshots !== undefined) this.compared(id, snapshots)
  }

  /** Its parts came to nothing: it runs whole next. */
  gaveUp(id: string, problem: Problem): void {
    this.#problems.set(id, problem)
  }

  /** What the run has found out. Tells of files that cannot be split, once it is known how they end whole. */
  async learn(
    modules: readonly TestModule[],
    recordOf: (module: TestModule) => FileRecord | undefined,
  ): Promise<SplitFindings> {
    const found = new Map<string, SplitHistory>()
    for (const module of modules) {
      const record = recordOf(module)
      const id = record === undefined ? '' : fileKey(record)
      const file = this.#files.get(id)
      if (record === undefined || file === undefined) continue
      // Nothing is worth failing the end of a run: what is not learned runs whole.
      const learned = await this.#learnOf(id, file, module, record).catch(() => undefined)
      if (learned !== undefined) found.set(id, learned)
    }
    return found
  }

  async #learnOf(
    id: string,
    file: SplitFile,
    module: TestModule,
    record: FileRecord,
  ): Promise<SplitHistory | undefined> {
    const { known, content } = file
    const problem = this.#problems.get(id)
    const found = problem === undefined ? undefined : this.#unsafe(id, problem, module, record)
    if (module.state() !== 'passed') return known
    const tests = knownTests(module)
    const snapshots = this.#snapshots.get(id)
    const unsafe = found ?? (this.#merged.has(id) ? undefined : known?.unsafe)
    const safe = this.#merged.has(id) || (known?.safe === true && known.content === content)
    if (tests === undefined || snapshots === undefined || !isSteady(snapshots))
      return { ...unlearned(file), ...(unsafe === undefined ? {} : { unsafe }) }
    return {
      content,
      snapshots: await file.snapshots(),
      matched: snapshots.matched,
      overhead: overheadOf(record, tests) ?? known?.overhead ?? 0,
      ...(record.cpu === undefined || record.parts !== undefined ? cpuOf(known) : { cpu: record.cpu }),
      tests,
      ...(safe && unsafe === undefined ? { safe } : {}),
      ...(unsafe === undefined ? {} : { unsafe }),
    }
  }

  /** A file whose parts came to nothing, and which then passed: what is wrong with it. */
  #unsafe(id: string, problem: Problem, module: TestModule, { file }: FileRecord): Unsafe | undefined {
    if (module.state() !== 'passed') return undefined
    const { why, changed } = problem
    const { test, after } = this.#suspects(id, problem)
    if (test !== undefined && after !== undefined)
      this.#find({
        kind: 'depends-on-earlier-tests',
        message: `\`${test}\` depends on earlier tests of its file: without them it did not end as it does after them. The first suspect is \`${after}\`. The file is not split again.`,
        file,
        test,
      })
    else
      this.#find({
        kind: 'split-given-up',
        message: `It was to run in parts, and ran whole: ${why}.`,
        file,
        ...(test === undefined ? {} : { test }),
      })
    if (changed) return undefined
    return { why, ...(test === undefined ? {} : { test }), ...(after === undefined ? {} : { after }) }
  }

  /** The test that did not end as in the whole, and the last test before its part. */
  #suspects(id: string, problem: Problem): Pick<Unsafe, 'test' | 'after'> {
    const parts = this.#files.get(id)?.parts ?? []
    const part = parts.findIndex((tests) => tests.some(([test]) => test === problem.test))
    const test = parts[part]?.find(([each]) => each === problem.test)
    const after = parts[part - 1]?.at(-1)
    if (test === undefined) return {}
    return { test: test[1], ...(after === undefined ? {} : { after: after[1] }) }
  }
}

function unlearned({ content }: SplitFile): SplitHistory {
  return { content, snapshots: '', matched: 0, overhead: 0, tests: [] }
}

function cpuOf(known: SplitHistory | undefined): { cpu?: number } {
  return known?.cpu === undefined ? {} : { cpu: known.cpu }
}

/** Nothing that the file compares with was written or is out of use. */
function isSteady({ added, updated, unmatched, unchecked, fileDeleted }: SnapshotResult): boolean {
  return added + updated + unmatched + unchecked === 0 && !fileDeleted
}

/** Undefined where there are too many or too few to be split, or where a name does not tell which is meant. */
function knownTests(module: TestModule): readonly KnownTest[] | undefined {
  const tests = [...module.children.allTests()].map((test): KnownTest => [
    test.id,
    test.fullName,
    Math.round(10 * (test.diagnostic()?.duration ?? 0)) / 10,
    kindOf(test),
  ])
  const names = new Set(tests.map(([, name]) => name))
  return tests.length < 2 || tests.length > MOST_TESTS || names.size < tests.length ? undefined : tests
}

function kindOf(test: TestCase): TestKind {
  if (test.options.mode === 'todo') return 'todo'
  return test.result().state === 'passed' ? 'passed' : 'skipped'
}

/** What a part takes beside its tests, in ms. Tests that run at once are counted as if one after another. */
function overheadOf(
  { times, parts, again, stalled = 0 }: FileRecord,
  tests: readonly KnownTest[],
): number | undefined {
  const took = tests.reduce((sum, [, , ms]) => sum + ms, 0)
  if (parts !== undefined && again === undefined) return undefined
  const begin = times.ready ?? times.admitted
  if (begin === undefined || times.finished === undefined) return undefined
  return Math.max(0, Math.round(10 * (times.finished - begin - stalled - took)) / 10)
}
