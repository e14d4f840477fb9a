import type { RealWorker } from './real-worker.ts'

/** The workers that live now, for an exit that cannot wait for them. */
export class LiveWorkers {
  readonly #workers = new Set<RealWorker>()
  /** Resolves when the last worker of a lane has exited. */
  readonly #lanes = new Map<number, Promise<void>>()

  add(worker: RealWorker): void {
    this.#workers.add(worker)
    void worker.exited.then(() => this.#workers.delete(worker))
  }

  /**
   * The worker is to be that of a lane.
   * @returns resolves when those before it in its lane have exited, which may take longer than their files: two live
   * processes never have the same `VITEST_POOL_ID`
   */
  enter(worker: RealWorker, lane: number): Promise<void> {
    const before = this.#lanes.get(lane) ?? Promise.resolve()
    this.#lanes.set(
      lane,
      before.then(() => worker.exited),
    )
    return before
  }

  /** Ends them without asking, and without waiting. */
  kill(): void {
    for (const worker of this.#workers) worker.kill()
  }
}
