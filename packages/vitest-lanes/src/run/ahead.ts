import { availableParallelism } from 'node:os'
import { MEMORY_PER_FILE } from '../lanes.ts'
import { AheadWorkers } from '../pool/ahead-workers.ts'
import { availableMemory } from './machine-load.ts'
import type { Scheduler } from './scheduler.ts'

/** Where they may be: one for each lane, and no more than cores could bring up at once, while there is memory for twice as many. */
export function aheadWorkers(scheduler: Scheduler, isAhead: boolean): AheadWorkers {
  return new AheadWorkers({
    most: () => (isAhead ? Math.min(scheduler.lanes, availableParallelism()) : 0),
    hasRoom: () => availableMemory() > 2 * MEMORY_PER_FILE,
  })
}
