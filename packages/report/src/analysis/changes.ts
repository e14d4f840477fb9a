import { SEQUENTIAL, lowerBound, simulate } from '@vitest-lanes/core'
import type { Workload, WorkloadFile } from '@vitest-lanes/core'
import { unexpected } from '../unexpected.ts'
import { NO_DELAYS } from './workload.ts'
import type { Contention, Delays } from './workload.ts'

/** Something that would let the files run in another way. */
export type Change =
  | { readonly kind: 'lanes'; readonly from: number; readonly to: number }
  | { readonly kind: 'instances'; readonly resource: string; readonly from: number; readonly to: number }
  /** The file in two halves. */
  | { readonly kind: 'split'; readonly file: string; readonly from: number }
  /** Files that now run one at a time may run beside each other. */
  | { readonly kind: 'parallel'; readonly files: number }

export interface Setting {
  /** With durations as they are on these lanes. */
  readonly workload: Workload
  readonly lanes: number
  /** Of the machine, where they are known: the files use CPU, and no lane brings more of that. */
  readonly cores?: number
  /** Undefined: files take as long on any number of lanes. */
  readonly contention?: Contention | undefined
}

/** What a change would bring. ms. */
export interface Gain {
  readonly change: Change
  /** What it was worked out by: of thousands of files, lower bounds, since a simulation would take too long. */
  readonly by: 'simulation' | 'bound'
  readonly before: number
  readonly after: number
}

/** To simulate ten thousand files takes a fifth of a second, for each change. */
export const MANY_FILES = 2000
const TRIED = 3
/** A change that brings less is not worth telling: ms, and part of the wall time. */
const WORTH_MS = 20
const WORTH_PART = 0.02

/** How long the files would take by simulation, in ms. */
export function predict(setting: Setting, delays: Delays = NO_DELAYS): number {
  const { workload, lanes } = setting
  const { around, ...options } = delays
  return around + Math.max(simulate(workload, { lanes, ...options }).wall, cpuBound(setting))
}

/** What the CPU that the files use takes on all cores, in ms; 0 where it is not known of all files. */
export function cpuBound({ workload, cores }: Setting): number {
  if (cores === undefined) return 0
  let total = 0
  for (const { cpu } of workload.files) {
    if (cpu === undefined) return 0
    total += cpu
  }
  return total / cores
}

/** The changes that would shorten the run, the best first. */
export function gainsOf(setting: Setting, delays: Delays = NO_DELAYS): readonly Gain[] {
  if (setting.workload.files.length === 0) return []
  const now = boundWithCpu(setting)
  const candidates = changesOf(setting)
    .map((change) => {
      const changed = applied(setting, change)
      return { change, changed, bound: boundWithCpu(changed) }
    })
    .sort((a, b) => a.bound - b.bound)
  // What leaves the bound where it is can bring next to nothing: orders come within a few percent of it.
  const tried = candidates.filter(({ bound }) => bound < now * (1 - WORTH_PART)).slice(0, TRIED)
  if (tried.length === 0) return []
  if (setting.workload.files.length > MANY_FILES)
    return tried.map(({ change, bound }) => ({ change, by: 'bound', before: now, after: bound }))
  const before = predict(setting, delays)
  return tried
    .map(({ change, changed }) => ({
      change,
      by: 'simulation' as const,
      before,
      after: predict(changed, delays),
    }))
    .filter(({ after }) => before - after >= Math.max(WORTH_MS, before * WORTH_PART))
    .sort((a, b) => a.after - b.after)
}

function boundWithCpu(setting: Setting): number {
  return Math.max(lowerBound(setting.workload, setting.lanes), cpuBound(setting))
}

/**
 * The same files on so many lanes: on more of them each waits longer for a free core, by what is known of that. In
 * proportion to its CPU, not to its duration: who sleeps waits for no core.
 */
export function withLanes(setting: Setting, lanes: number): Setting {
  const { contention, workload } = setting
  const most = workload.files.length
  const more =
    contention === undefined
      ? 0
      : waitPerCpu(contention, Math.min(lanes, most)) - waitPerCpu(contention, Math.min(setting.lanes, most))
  if (more === 0) return { ...setting, lanes }
  const files = workload.files.map((file) => {
    const { duration, cpu = 0 } = file
    return { ...file, duration: Math.max(Math.min(cpu, duration), duration + more * cpu) }
  })
  return { ...setting, lanes, workload: { ...workload, files } }
}

/** In proportion to the others that run beside a file. */
function waitPerCpu({ lanes: measured, perCpu }: Contention, lanes: number): number {
  // On one lane no file waits for another, so that nothing is known of more.
  return measured < 2 ? perCpu : (perCpu * (lanes - 1)) / (measured - 1)
}

/** The same files with the change made. */
export function applied(setting: Setting, change: Change): Setting {
  const { workload } = setting
  switch (change.kind) {
    case 'lanes':
      return withLanes(setting, change.to)
    case 'instances':
      return {
        ...setting,
        workload: {
          files: workload.files,
          resources: { ...workload.resources, [change.resource]: { instances: change.to } },
        },
      }
    case 'split':
      return {
        ...setting,
        workload: { ...workload, files: workload.files.flatMap((file) => halves(file, change)) },
      }
    case 'parallel':
      return { ...setting, workload: { ...workload, files: workload.files.map(withoutSequential) } }
    default:
      return unexpected(change)
  }
}

function changesOf({ workload, lanes }: Setting): Change[] {
  const { files, resources } = workload
  const claimed = new Map<string, number>()
  for (const { claims } of files)
    for (const { resource } of claims) claimed.set(resource, (claimed.get(resource) ?? 0) + 1)
  const longest = files.reduce((most, file) => (file.duration > most.duration ? file : most))
  const changes: Change[] = [
    { kind: 'lanes', from: lanes, to: lanes + 1 },
    { kind: 'lanes', from: lanes, to: 2 * lanes },
    { kind: 'split', file: longest.id, from: longest.duration },
  ]
  for (const [resource, { instances }] of Object.entries(resources))
    if (typeof instances === 'number' && (claimed.get(resource) ?? 0) > instances)
      changes.push({ kind: 'instances', resource, from: instances, to: instances + 1 })
  const sequential = claimed.get(SEQUENTIAL) ?? 0
  if (sequential > 1) changes.push({ kind: 'parallel', files: sequential })
  return changes
}

function halves(file: WorkloadFile, { file: split }: { file: string }): WorkloadFile[] {
  if (file.id !== split) return [file]
  const half = {
    ...file,
    duration: file.duration / 2,
    ...(file.cpu === undefined ? {} : { cpu: file.cpu / 2 }),
  }
  return [
    { ...half, id: `${file.id} (1/2)` },
    { ...half, id: `${file.id} (2/2)` },
  ]
}

function withoutSequential(file: WorkloadFile): WorkloadFile {
  return { ...file, claims: file.claims.filter(({ resource }) => resource !== SEQUENTIAL) }
}
