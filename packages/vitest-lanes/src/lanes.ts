import { availableParallelism } from 'node:os'
import type { Vitest } from 'vitest/node'

const FEWEST = 4

/**
 * How many lanes a run has: what `lanes` says, with the user's `maxWorkers` as a cap; else that `maxWorkers`; else the
 * number of cores, at least 4, since test files that use servers mostly wait.
 */
export function countLanes(asked: number | undefined, userMaxWorkers: number | undefined): number {
  if (asked === undefined) return userMaxWorkers ?? Math.max(availableParallelism(), FEWEST)
  return Math.min(asked, userMaxWorkers ?? asked)
}

/**
 * What the user has set `maxWorkers` to, by configuration, command line, environment or `fileParallelism: false`.
 * Vitest 4.1 and 5.1 leave it undefined where nobody did: their own default is worked out when files run.
 */
export function userMaxWorkers(config: Vitest['config']): number | undefined {
  return config.maxWorkers
}
