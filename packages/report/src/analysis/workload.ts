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

/** How files waited for a free core: `perCpu` ms for each ms of CPU that they used, with so many lanes. */
export interface Contention {
  readonly lanes: number
  readonly perCpu: number
}

/** The contention of a run; undefined where it is not known of all files. */
export function contentionOf(record: RunRecord): Contention | undefined {
  let [used, waited] = [0, 0]
  for (const { cpu, stalled } of filesThatRan(record.files)) {
    if (cpu === undefined || stalled === undefined) return undefined
    used += cpu
    waited += stalled
  }
  return used > 0 ? { lanes: record.lanes, perCpu: waited / used } : undefined
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
