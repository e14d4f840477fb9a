import { ALONE, SEQUENTIAL, fileKey } from '@vitest-lanes/core'
import type { Instances, RunRecord, SimulateOptions, Workload, WorkloadFile } from '@vitest-lanes/core'
import { durationOf, filesThatRan, phasesOf } from './times.ts'

/** What ran, as the simulator takes it: each file with the duration that was measured. */
export function workloadOf(record: RunRecord): Workload {
  const ran = filesThatRan(record.files)
  const resources: Record<string, { instances: Instances }> = {}
  for (const [name, { instances, perLane }] of Object.entries(record.resources))
    resources[name] = { instances: perLane ? 'lanes' : instances }
  // A cap on a project is a resource of its own that the record does not list: as many as were seen.
  for (const { instances = {} } of ran)
    for (const [name, number] of Object.entries(instances)) {
      if (name === ALONE || name === SEQUENTIAL || record.resources[name] !== undefined) continue
      const seen = resources[name]?.instances
      resources[name] = { instances: Math.max(number, typeof seen === 'number' ? seen : 1) }
    }
  const files = ran.map((file): WorkloadFile => ({
    id: fileKey(file),
    claims: file.claims,
    duration: durationOf(file),
    ...(file.cpu === undefined ? {} : { cpu: file.cpu }),
  }))
  return { resources, files }
}

/** How much longer files took for want of a core: `factor` times, with so many lanes. */
export interface Contention {
  readonly lanes: number
  readonly factor: number
}

/** The contention of a run; undefined where it is not known of all files how long they waited for a core. */
export function contentionOf(record: RunRecord): Contention | undefined {
  let [took, needed] = [0, 0]
  for (const file of filesThatRan(record.files)) {
    if (file.stalled === undefined) return undefined
    const duration = durationOf(file)
    took += duration
    needed += Math.max(0, duration - file.stalled)
  }
  return needed > 0 ? { lanes: record.lanes, factor: took / needed } : undefined
}

/** What a run takes beside the durations of its files, in ms. */
export interface Delays extends Required<Pick<SimulateOptions, 'startDelay' | 'exitDelay' | 'cleanDelay'>> {
  /** Before the first file and after the last. */
  readonly around: number
}

export const NO_DELAYS: Delays = { startDelay: 0, exitDelay: 0, cleanDelay: 0, around: 0 }

/** The delays of a run: means over its files, so that they add up to what the run took. */
export function delaysOf(record: RunRecord): Delays {
  const ran = filesThatRan(record.files)
  if (ran.length === 0) return NO_DELAYS
  const phases = ran.map(phasesOf)
  const admitted = ran.map(({ times }) => times.admitted ?? times.queued)
  const finished = ran.map(({ times }) => times.finished ?? 0)
  const first = admitted.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
  const last = finished.reduce((most, time) => Math.max(most, time), 0)
  return {
    startDelay: mean(phases.map(({ opening }) => opening)),
    exitDelay: mean(phases.map(({ exiting }) => exiting)),
    cleanDelay: mean(phases.map(({ cleaning }) => cleaning)),
    around: Math.max(0, first + record.duration - last),
  }
}

/** Of at least one number. */
function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}
