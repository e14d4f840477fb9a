// What a worker tells of the file that it runs, as far as reporters hear of it. Seen on 4.1.12 and 5.1.1; not public API.
import type { SplitResult, SplitTask } from '@vitest-lanes/core'
import { callOf } from './messages.ts'

/** A file, test or suite, as a worker sends it once it has collected them. */
export interface CollectedTask extends SplitTask {
  mode: string
  readonly tasks?: CollectedTask[]
  meta?: object
  /** Of a file, in ms. */
  prepareDuration?: number
  environmentLoad?: number
  setupDuration?: number
  collectDuration?: number
}

export type TaskPack = readonly [id: string, result: SplitResult | undefined, meta: object]
export type TaskEvent = readonly [id: string, event: string, data: unknown]

/** What a file's snapshots came to. */
export interface SnapshotResult {
  readonly filepath: string
  readonly added: number
  readonly fileDeleted: boolean
  readonly matched: number
  readonly unchecked: number
  readonly uncheckedKeys: readonly string[]
  readonly unmatched: number
  readonly updated: number
}

interface Log {
  readonly taskId?: string
  readonly type: string
  readonly content: string
}

/** Why a part cannot be used: the file has to run whole. */
export interface Problem {
  readonly why: string
  /** Id of the test that did not end as in the whole. */
  readonly test?: string
  /** The file is not what it was: its parts may be as good as ever once that is known. */
  readonly changed?: true
}

/** What one part has told so far. */
export class Transcript {
  readonly #own: ReadonlySet<string>
  file: CollectedTask | undefined
  readonly packs = new Map<string, TaskPack>()
  readonly events = new Map<string, TaskEvent[]>()
  /** Before its tests were known, and after. */
  readonly logs: { readonly early: readonly Log[]; readonly late: readonly Log[] } = { early: [], late: [] }
  readonly artifacts: (readonly [test: string, artifact: unknown])[] = []
  queued: CollectedTask | undefined
  snapshots: SnapshotResult | undefined
  problem: Problem | undefined

  /** @param own ids of the tests that it was given */
  constructor(own: ReadonlySet<string>) {
    this.#own = own
  }

  /** Takes a message that reporters would hear of. Returns what the worker is answered; nothing for other messages. */
  hear(message: unknown): { readonly answer: unknown } | undefined {
    const call = callOf(message)
    if (call === undefined) return undefined
    try {
      return this.#heard(call)
    } catch (error) {
      // Of a Vitest that speaks otherwise.
      this.#fail({ why: `it told something unknown: ${messageOf(error)}` })
      return ANSWERED
    }
  }

  #heard(call: NonNullable<ReturnType<typeof callOf>>): { readonly answer: unknown } | undefined {
    switch (call.method) {
      case 'onQueued':
        this.queued = call.args[0] as CollectedTask
        return ANSWERED
      case 'onCollected':
        this.file = (call.args[0] as CollectedTask[])[0]
        return ANSWERED
      case 'onTaskUpdate':
        this.#update(call.args[0] as TaskPack[], call.args[1] as TaskEvent[])
        return ANSWERED
      case 'onUserConsoleLog': {
        const logs = this.file === undefined ? this.logs.early : this.logs.late
        ;(logs as Log[]).push(call.args[0] as Log)
        return ANSWERED
      }
      case 'onTaskArtifactRecord':
        this.#artifact(call.args[0] as string, call.args[1])
        return { answer: call.args[1] }
      case 'snapshotSaved':
        this.#snapshot(call.args[0] as SnapshotResult)
        return ANSWERED
      case 'onUnhandledError':
        this.#fail({ why: `an error was not handled: ${messageOf(call.args[0])}` })
        return ANSWERED
      case 'onAsyncLeaks':
      case 'onAfterSuiteRun':
      case 'onCancel':
        this.#fail({ why: `it called ${call.method}` })
        return ANSWERED
      default:
        return undefined
    }
  }

  #update(packs: readonly TaskPack[], events: readonly TaskEvent[]): void {
    for (const pack of packs) this.packs.set(pack[0], pack)
    for (const event of events) {
      const known = this.events.get(event[0])
      if (known === undefined) this.events.set(event[0], [event])
      else known.push(event)
      if (isFinal(event[1])) this.#ended(event[0])
    }
  }

  #ended(id: string): void {
    const result = this.packs.get(id)?.[1]
    if (result?.state !== 'fail') return
    if (this.#own.has(id)) this.#fail({ why: 'a test failed', test: id })
    else this.#fail({ why: `a hook failed: ${messageOf(result.errors?.[0])}` })
  }

  #artifact(test: string, artifact: unknown): void {
    this.artifacts.push([test, artifact])
    // Vitest copies the file when it is told, which would be later than the test believes.
    if (hasFile(artifact)) this.#fail({ why: 'a test attached a file' })
  }

  #snapshot(result: SnapshotResult): void {
    this.snapshots = result
    const { added, updated, unmatched, unchecked, fileDeleted } = result
    if (added + updated + unmatched + unchecked > 0 || fileDeleted)
      this.#fail({ why: 'its snapshots are not as they were', changed: true })
  }

  #fail(problem: Problem): void {
    this.problem ??= problem
  }
}

/** Passes on what the message says a file's snapshots came to, where it does. */
export function tellSnapshots(message: unknown, tell: (snapshots: SnapshotResult) => void): void {
  const call = callOf(message)
  if (call?.method === 'snapshotSaved') tell(call.args[0] as SnapshotResult)
}

const ANSWERED = { answer: undefined }

function isFinal(event: string): boolean {
  return event === 'test-finished' || event === 'suite-finished' || event.endsWith('failed-early')
}

function hasFile(artifact: unknown): boolean {
  const { annotation, attachments } = Object(artifact) as { annotation?: unknown; attachments?: unknown }
  const { attachment } = Object(annotation) as { attachment?: unknown }
  return attachment !== undefined || (Array.isArray(attachments) && attachments.length > 0)
}

/** The first line of what an error says. */
export function messageOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown }
  return String(message ?? error).split('\n', 1)[0]!
}
