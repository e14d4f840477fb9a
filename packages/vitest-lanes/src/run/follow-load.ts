import { createAutoLanes } from '../lanes.ts'
import type { LaneCount } from '../lanes.ts'
import { machineLoad } from './machine-load.ts'
import type { Scheduler } from './scheduler.ts'

/** Long enough for a process that starts to be seen, short enough to fill a machine in a few seconds. */
const LOOK_MS = 300

/** Gives a run as many lanes as the machine has room for, while it is under way. Returns what ends it. */
export function followLoad(scheduler: Scheduler, count: LaneCount): () => void {
  if (count.start === count.most) return () => {}
  const auto = createAutoLanes(count)
  const look = machineLoad()
  const timer = setInterval(() => {
    const { lanes, busy, waiting } = scheduler
    scheduler.setLanes(auto.next({ lanes, busy, waiting }, look()))
  }, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
