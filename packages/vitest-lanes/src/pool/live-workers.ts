import type { RealWorker } from './real-worker.ts'

/** The workers that live now, for an exit that cannot wait for them. */
export class LiveWorkers {
  readonly #workers = new Set<RealWorker>()

  add(worker: RealWorker): void {
    this.#workers.add(worker)
    void worker.exited.then(() => this.#workers.delete(worker))
  }

  /** Ends them without asking, and without waiting. */
  kill(): void {
    for (const worker of this.#workers) worker.kill()
  }
}
