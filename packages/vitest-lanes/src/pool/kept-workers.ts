import { Expected } from './expected.ts'
import type { RealWorker } from './real-worker.ts'

interface Kept {
  readonly key: string
  readonly worker: RealWorker
}

/**
 * Workers of projects with `isolate: false`, kept for the next file of their lane. At most one a lane; none is kept
 * that no waiting file could use, so the last one ends by itself.
 */
export class KeptWorkers {
  readonly #byLane = new Map<number, Kept>()
  readonly #expected = new Expected()
  readonly #ending = new Set<Promise<void>>()

  /** One more file will want a worker of this kind. */
  expect(key: string): void {
    this.#expected.add(key)
  }

  /** One of them has taken one, or never will. */
  served(key: string): void {
    this.#expected.served(key)
    if (this.#expected.left(key) > 0) return
    // What was kept for others of its kind in other lanes has nobody left to wait for.
    for (const [lane, kept] of this.#byLane) if (kept.key === key) void this.#end(lane, kept)
  }

  /** The lane's worker if it is of this kind; one of another kind is ended first. */
  async take(lane: number, key: string | undefined): Promise<RealWorker | undefined> {
    const kept = this.#byLane.get(lane)
    if (kept === undefined) return undefined
    if (kept.key !== key) {
      await this.#end(lane, kept)
      return undefined
    }
    this.#byLane.delete(lane)
    return kept.worker
  }

  keep(worker: RealWorker, lane: number, key: string): boolean {
    if (this.#expected.left(key) === 0 || this.#byLane.has(lane)) return false
    const kept = { key, worker }
    this.#byLane.set(lane, kept)
    void worker.exited.then(() => {
      if (this.#byLane.get(lane) === kept) this.#byLane.delete(lane)
    })
    return true
  }

  /** Ends all that are kept and waits for those that are ending. */
  async end(): Promise<void> {
    for (const [lane, kept] of this.#byLane) void this.#end(lane, kept)
    await Promise.all(this.#ending)
  }

  #end(lane: number, kept: Kept): Promise<void> {
    this.#byLane.delete(lane)
    const ending = kept.worker.stopGracefully().catch(() => {})
    this.#ending.add(ending)
    void ending.then(() => this.#ending.delete(ending))
    return ending
  }
}
