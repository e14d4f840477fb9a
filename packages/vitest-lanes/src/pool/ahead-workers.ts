import { Expected } from './expected.ts'
import type { RealWorker } from './real-worker.ts'

interface Ahead {
  readonly kind: string
  readonly options: string
  readonly worker: RealWorker
}

export interface AheadOptions {
  /** Most of them at a time. */
  most(): number
  /** Whether the machine has memory for one more. */
  hasRoom(): boolean
}

/**
 * Processes that are up before the file is known that they will run: Vitest's bundle is loaded while another file runs,
 * and they wait to be told what they are. Each runs one file. There are never more than files that will want one.
 */
export class AheadWorkers {
  readonly #options: AheadOptions
  readonly #expected = new Expected()
  readonly #ahead = new Set<Ahead>()
  readonly #ending = new Set<Promise<void>>()
  #isOver = false

  constructor(options: AheadOptions) {
    this.#options = options
  }

  /** One more file will want a process of this kind. */
  expect(kind: string): void {
    this.#expected.add(kind)
  }

  /** One of them has a process, or will never want one. */
  served(kind: string): void {
    this.#expected.served(kind)
    const mine = this.#of(kind)
    for (const ahead of mine.slice(Math.max(0, this.#expected.left(kind)))) this.#end(ahead)
  }

  /** @param options for Node.js, which it must have been started with */
  take(kind: string, options: string): RealWorker | undefined {
    const found = this.#of(kind).find((ahead) => ahead.options === options)
    if (found === undefined) return undefined
    this.#ahead.delete(found)
    return found.worker
  }

  /** Brings one up, if a file will want it. */
  prepare(kind: string, options: string, create: () => RealWorker): void {
    if (this.#isOver || this.#ahead.size >= this.#options.most()) return
    if (this.#of(kind).length >= this.#expected.left(kind) || !this.#options.hasRoom()) return
    const ahead = { kind, options, worker: create() }
    this.#ahead.add(ahead)
    // One that cannot be brought up is forgotten: whoever needs it starts one of its own, and tells of what happens.
    ahead.worker.spawn().catch(() => this.#end(ahead))
    void ahead.worker.exited.then(() => this.#ahead.delete(ahead))
  }

  /** Ends all, and waits until they have gone. */
  async end(): Promise<void> {
    this.#isOver = true
    for (const ahead of this.#ahead) this.#end(ahead)
    await Promise.all(this.#ending)
  }

  #of(kind: string): readonly Ahead[] {
    return [...this.#ahead].filter((ahead) => ahead.kind === kind)
  }

  #end(ahead: Ahead): void {
    this.#ahead.delete(ahead)
    const ending = ahead.worker.stop().catch(() => {})
    this.#ending.add(ending)
    void ending.then(() => this.#ending.delete(ending))
  }
}
