import {
  closeClients,
  closeQueue,
  type RunningWorker,
  startWorker,
  type WorkerSettings,
} from '@vitest-lanes/orchestrator'
import { afterAll, afterEach, beforeEach, vi } from 'vitest'
import { cleanupAfterTest, cleanupDatabase, seedOrganizations } from './fixtures.ts'

let workers: RunningWorker[] = []

/** Starts a worker that is closed at the end of the test. */
export async function startTestWorker(settings: WorkerSettings = {}): Promise<RunningWorker> {
  const worker = await startWorker(settings)
  workers.push(worker)
  return worker
}

async function closeTestWorkers(): Promise<void> {
  const closing = workers
  workers = []
  await Promise.all(closing.map((worker) => worker.close()))
}

/** Each test of the file starts with two organizations, an empty queue and empty tables. */
export function useOrchestrator(): void {
  vi.setConfig({ testTimeout: 30_000, hookTimeout: 15_000 })
  beforeEach(seedOrganizations)
  afterEach(async () => {
    await closeTestWorkers()
    await cleanupAfterTest()
  })
  afterAll(async () => {
    await closeQueue()
    await closeClients()
  })
}

/** The same for files that use no queue: two organizations, and empty tables. */
export function useDatabase(): void {
  vi.setConfig({ testTimeout: 30_000, hookTimeout: 15_000 })
  beforeEach(seedOrganizations)
  afterEach(cleanupDatabase)
  afterAll(closeClients)
}
