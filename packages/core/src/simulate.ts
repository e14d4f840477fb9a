import { orderFiles } from './search.ts'
import { virtualRun, type SimulateOptions, type Simulation } from './virtual-run.ts'
import type { Workload } from './workload.ts'

/** Runs the real admission over a workload, in virtual time. Files that can never run have no lease in the outcome. */
export function simulate(workload: Workload, options: SimulateOptions): Simulation {
  return virtualRun(workload, options, orderFiles)
}
