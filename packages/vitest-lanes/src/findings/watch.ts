import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openRunFolder, sweepDeadRuns } from '@vitest-lanes/server'
import type { RunFolder } from '@vitest-lanes/server'
import type { Policy } from '../options.ts'
import type { RealWorker } from '../pool/real-worker.ts'
import type { KnownAddresses } from './known-addresses.ts'
import { WatchLog } from './watch-log.ts'

const HOOK = fileURLToPath(new URL('../worker/watch.cjs', import.meta.url))
/** Where our code lies: no line of the user's. */
const OURS = [
  new URL('..', import.meta.url).href,
  new URL('.', import.meta.resolve('@vitest-lanes/server')).href,
]
const VARIABLE = 'VITEST_LANES_WATCH'
/** As Node.js reads its options: a path with a space stands in quotes, where a backslash keeps what follows. */
export const WATCH_OPTION = `--require "${HOOK.replace(/["\\]/g, '\\$&')}"`

export interface WatchOptions {
  readonly root: string
  readonly runId: string
  /** What becomes of leaks. */
  readonly leaks: Policy
  /** What becomes of undeclared use. */
  readonly undeclared: Policy
  readonly addresses: KnownAddresses
  readonly warn: (line: string) => void
}

/** Has workers write down what they connect to and start, and knows where they write. */
export class Watch {
  readonly leaks: Policy
  readonly undeclared: Policy
  readonly addresses: KnownAddresses
  readonly root: string
  readonly #options: WatchOptions
  readonly #logs = new WeakMap<RealWorker, WatchLog>()
  readonly #pending = new Set<Promise<unknown>>()
  #folder: Promise<RunFolder | undefined> | undefined
  #sweep: Promise<unknown> | undefined
  #logsMade = 0

  constructor(options: WatchOptions) {
    this.leaks = options.leaks
    this.undeclared = options.undeclared
    this.addresses = options.addresses
    this.root = options.root
    this.#options = options
  }

  /** Where the next worker is to write; undefined where nobody wants to know, or nothing can be written. */
  async newLog(): Promise<WatchLog | undefined> {
    if (this.leaks === 'off' && this.undeclared === 'off') return undefined
    const folder = await (this.#folder ??= this.#open())
    return folder && new WatchLog(join(folder.path, `w${++this.#logsMade}.jsonl`))
  }

  /**
   * Variables that load the hook into a worker and what it starts.
   * @param env the worker's other variables
   * @param own addresses of the instances that its file holds
   */
  variables(log: WatchLog, env: NodeJS.ProcessEnv, own: ReadonlySet<string>): Record<string, string> {
    const before = env['NODE_OPTIONS'] ?? ''
    const ours = OURS.map((url) => fileURLToPath(url))
    return {
      NODE_OPTIONS: before.includes(WATCH_OPTION) ? before : `${before} ${WATCH_OPTION}`.trim(),
      [VARIABLE]: JSON.stringify({ log: log.path, ours, own: [...own] }),
    }
  }

  remember(worker: RealWorker, log: WatchLog): void {
    this.#logs.set(worker, log)
  }

  logOf(worker: RealWorker): WatchLog | undefined {
    return this.#logs.get(worker)
  }

  /** The run does not end before this has, which never rejects. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work)
    void work.finally(() => this.#pending.delete(work))
    return work
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }

  async close(): Promise<void> {
    const folder = await this.#folder
    this.#folder = undefined
    await this.#sweep
    await folder?.close().catch(() => undefined)
  }

  async #open(): Promise<RunFolder | undefined> {
    this.#sweep = sweepDeadRuns().catch(() => [])
    try {
      return await openRunFolder({ runId: this.#options.runId })
    } catch (error) {
      this.#options.warn(
        `Undeclared use and child processes go unseen: ${error instanceof Error ? error.message : String(error)}`,
      )
      return undefined
    }
  }
}
