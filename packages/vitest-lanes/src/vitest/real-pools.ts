// As a whole: a Vitest that is too old lacks these names, and has to get as far as the check of its version.
import * as vitest from 'vitest/node'
import type { PoolWorker } from 'vitest/node'
import type { PoolWorkerOptions } from './messages.ts'

interface RealPool {
  // As Vitest's own workers of this pool declare them (4.1.12, 5.1.1); its pool reads them before a worker starts.
  readonly cacheFs: boolean
  readonly reportMemory: boolean
  create(options: PoolWorkerOptions): PoolWorker
}

const REAL_POOLS = {
  forks: { cacheFs: true, reportMemory: false, create: (options) => new vitest.ForksPoolWorker(options) },
  threads: {
    cacheFs: false,
    reportMemory: false,
    create: (options) => new vitest.ThreadsPoolWorker(options),
  },
  vmForks: { cacheFs: true, reportMemory: true, create: (options) => new vitest.VmForksPoolWorker(options) },
  vmThreads: {
    cacheFs: false,
    reportMemory: true,
    create: (options) => new vitest.VmThreadsPoolWorker(options),
  },
} satisfies Record<string, RealPool>

export type RealPoolName = keyof typeof REAL_POOLS

export function isRealPool(name: string): name is RealPoolName {
  return Object.hasOwn(REAL_POOLS, name)
}

export function realPool(name: RealPoolName): RealPool {
  return REAL_POOLS[name]
}

/** The worker's process id; none for a thread. Reads a private field of Vitest's class (4.1.12, 5.1.1). */
export function pidOf(worker: PoolWorker): number | undefined {
  return (worker as { _fork?: { pid?: number } })._fork?.pid
}
