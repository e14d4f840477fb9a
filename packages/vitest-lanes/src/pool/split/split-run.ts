import { differenceOf, ownersOf } from '@vitest-lanes/core'
import type { MergedTree, Owners } from '@vitest-lanes/core'
import { answeredId, callId } from '../../vitest/messages.ts'
import type { PoolWorkerOptions, RunRequest, StartRequest } from '../../vitest/messages.ts'
import { retell } from '../../vitest/retell.ts'
import type { Retelling } from '../../vitest/retell.ts'
import { messageOf } from '../../vitest/transcript.ts'
import type { Problem } from '../../vitest/transcript.ts'
import type { FileSplit } from './file-split.ts'
import { PartRun } from './part-run.ts'

export interface SplitRunOptions {
  readonly split: FileSplit
  readonly start: StartRequest
  readonly request: RunRequest
  readonly options: PoolWorkerOptions
  /** Tells Vitest something. */
  readonly say: (message: unknown) => void
}

/**
 * One file in several lanes at once. Vitest hears nothing of it until all parts have ended as the file does: then it is
 * told of one file. At the first sign that something differs all parts are ended, and it hears of none of them.
 */
export class SplitRun {
  readonly #options: SplitRunOptions
  readonly #parts: readonly PartRun[]
  readonly #owners: Owners
  readonly #names: ReadonlyMap<string, string>
  /** Who waits for an answer of Vitest's, by the id of the call. */
  readonly #asking = new Map<string, PartRun | (() => void)>()
  #problem: Problem | undefined
  #compared = false
  #ended = false

  constructor(options: SplitRunOptions) {
    this.#options = options
    const { parts } = options.split
    const tests = parts.flatMap((part) => part.tests)
    this.#owners = ownersOf(parts.map((part) => part.tests.map(([id]) => id)))
    this.#names = new Map(tests.map(([id, name]) => [id, name]))
    this.#parts = parts.map((part): PartRun => {
      const run: PartRun = new PartRun({
        part,
        start: partStart(options.start, part.workerId),
        request: partRequest(
          options.request,
          part.tests.map(([id]) => id),
          part.workerId,
        ),
        options: options.options,
        ask: (message) => {
          this.#asking.set(callId(message) ?? '', run)
          options.say(message)
        },
        heard: () => this.#look(run),
      })
      return run
    })
  }

  /** True when Vitest has been told of the file; false when it has to be run whole, or was ended. */
  async run(): Promise<boolean> {
    for (const part of this.#parts) void part.run()
    await Promise.all(this.#parts.map(({ done }) => done))
    if (this.#ended) return false
    const told = this.#problem ?? this.#retell()
    if ('why' in told) {
      await this.end()
      this.#options.split.gaveUp(told)
      return false
    }
    for (const call of told.calls) {
      await this.#tell(call)
      if (this.#ended) return false
    }
    this.#options.split.merged(told.snapshots)
    return true
  }

  /** Passes an answer of Vitest's to the worker that asked. */
  answer(message: unknown): void {
    const id = answeredId(message) ?? ''
    const asking = this.#asking.get(id)
    this.#asking.delete(id)
    if (typeof asking === 'function') asking()
    else asking?.send(message)
  }

  /** Ends all parts, whatever they do. Resolves when their workers have gone. */
  async end(): Promise<void> {
    this.#ended = true
    await Promise.all(this.#parts.map((part) => part.end()))
    for (const asking of this.#asking.values()) if (typeof asking === 'function') asking()
  }

  #look({ transcript }: PartRun): void {
    const problem = transcript.problem ?? this.#compare()
    if (problem === undefined || this.#problem !== undefined || this.#ended) return
    this.#problem = problem
    for (const part of this.#parts) void part.end()
  }

  /** As soon as all have collected, before much of it has run. */
  #compare(): Problem | undefined {
    if (this.#compared) return undefined
    const files = this.#parts.flatMap(({ transcript }) => transcript.file ?? [])
    if (files.length < this.#parts.length) return undefined
    this.#compared = true
    const why = differenceOf(files, this.#owners, this.#names)
    return why === undefined ? undefined : { why, changed: true }
  }

  #retell(): Retelling | Problem {
    if (!this.#compared) return { why: 'a part collected no tests' }
    const transcripts = this.#parts.map(({ transcript }) => transcript)
    let told: Retelling
    try {
      told = retell(transcripts, this.#owners)
    } catch (error) {
      return { why: `its parts could not be put together: ${messageOf(error)}` }
    }
    const { split } = this.#options
    const tests = split.parts.flatMap((part) => part.tests)
    const differs = tests.find(([id, , , kind]) => kindOf(told.merged, id) !== kind)
    if (differs !== undefined) return { why: 'a test did not end as it does in the whole', test: differs[0] }
    const { state } = told.merged.results.get(this.#parts[0]!.transcript.file!.id) ?? {}
    if (state !== 'pass' && state !== 'skip') return { why: `the file ended as ${state ?? 'nothing'}` }
    if ((told.snapshots?.matched ?? 0) !== split.matched)
      return { why: 'it compared other snapshots', changed: true }
    return told
  }

  #tell(call: unknown): Promise<void> {
    return new Promise((resolve) => {
      this.#asking.set(callId(call) ?? '', resolve)
      this.#options.say(call)
    })
  }
}

/** How a test ended; what has not ended is none of the kinds. */
function kindOf({ modes, results }: MergedTree, id: string): string {
  const mode = modes.get(id)
  const state = results.get(id)?.state
  if (mode === 'todo') return 'todo'
  if (mode === 'skip' || state === 'skip') return 'skipped'
  return state === 'pass' ? 'passed' : 'unknown'
}

/** Parts write no snapshots: several at once would lose some. One that is missing fails, and the file runs whole. */
function partStart(start: StartRequest, workerId = start.workerId): StartRequest {
  const { config } = start.context
  const snapshotOptions = { ...config.snapshotOptions, updateSnapshot: 'none' as const }
  return { ...start, workerId, context: { ...start.context, config: { ...config, snapshotOptions } } }
}

function partRequest(
  request: RunRequest,
  testIds: string[],
  workerId = request.context.workerId,
): RunRequest {
  const files = request.context.files.map((file) => ({ ...file, testIds }))
  return { ...request, context: { ...request.context, files, workerId } }
}
