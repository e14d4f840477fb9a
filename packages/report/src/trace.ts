import { fileKey } from '@vitest-lanes/core'
import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import { filesThatRan, heldUntil, phasesOf } from './analysis/times.ts'
import type { Phases } from './analysis/times.ts'
import { claimsText, instancesText } from './text/describe.ts'

/** One event of the Chrome trace format: times in microseconds. */
type TraceEvent = Readonly<Record<string, unknown>>

const LANES = 1
const INSTANCES = 2
/** Until the lane is free: an exit that lasts longer would overlap the lane's next file. */
const PHASES = ['opening', 'starting', 'importing', 'running'] as const satisfies readonly (keyof Phases)[]

/**
 * A run in the Chrome trace format, which Perfetto (ui.perfetto.dev) and `chrome://tracing` open: a track a lane with
 * the phases inside each file, a track an instance with its holders.
 */
export function traceReport(record: RunRecord): string {
  const ran = filesThatRan(record.files)
  const tracks = instanceTracks(ran)
  const events: TraceEvent[] = [
    name('process_name', LANES, 0, 'lanes'),
    name('process_name', INSTANCES, 0, 'instances'),
    ...Array.from({ length: record.lanes }, (_, index) =>
      name('thread_name', LANES, index + 1, `lane ${index + 1}`),
    ),
    ...[...tracks].map(([track, number]) => name('thread_name', INSTANCES, number, track)),
    ...ran.flatMap((file) => [...laneEvents(file), ...instanceEvents(file, tracks)]),
  ]
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents: events })
}

function laneEvents(file: FileRecord): TraceEvent[] {
  const { times, lane = 0, outcome, claims, instances, waitedFor } = file
  const begin = times.admitted ?? times.queued
  const phases = phasesOf(file)
  let at = begin
  const inner: TraceEvent[] = []
  for (const phase of PHASES) {
    if (phases[phase] > 0) inner.push(span(phase, LANES, lane, at, at + phases[phase], {}))
    at += phases[phase]
  }
  const args = {
    outcome,
    claims: claimsText(claims),
    instances: instancesText(instances).trim(),
    waitedMs: phases.waiting,
    ...(waitedFor === undefined ? {} : { waitedFor }),
    exitingMs: phases.exiting,
    ...(file.cpu === undefined ? {} : { cpuMs: file.cpu }),
  }
  return [span(fileKey(file), LANES, lane, begin, times.finished ?? begin, args), ...inner]
}

function instanceEvents(file: FileRecord, tracks: ReadonlyMap<string, number>): TraceEvent[] {
  const begin = file.times.admitted ?? file.times.queued
  return Object.entries(file.instances ?? {}).flatMap(([resource, number]) => {
    const track = tracks.get(`${resource} ${number}`) ?? 0
    const shared = file.claims.some((claim) => claim.resource === resource && claim.mode === 'shared')
    const whole = span(fileKey(file), INSTANCES, track, begin, heldUntil(file), { lane: file.lane })
    return shared ? asynchronous(whole, `${resource} ${fileKey(file)}`) : [whole]
  })
}

/** Holders that share an instance overlap: that is allowed to asynchronous events alone. */
function asynchronous({ dur, ...event }: TraceEvent, id: string): TraceEvent[] {
  const end = Number(event['ts']) + Number(dur)
  return [
    { ...event, ph: 'b', cat: 'shared', id },
    { ...event, ph: 'e', cat: 'shared', id, ts: end },
  ]
}

function instanceTracks(files: readonly FileRecord[]): ReadonlyMap<string, number> {
  const names = new Set<string>()
  for (const { instances = {} } of files)
    for (const [resource, number] of Object.entries(instances)) names.add(`${resource} ${number}`)
  const sorted = [...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return new Map(sorted.map((track, index) => [track, index + 1]))
}

function span(
  title: string,
  pid: number,
  tid: number,
  from: number,
  to: number,
  args: TraceEvent,
): TraceEvent {
  return { name: title, ph: 'X', pid, tid, ts: micro(from), dur: micro(to - from), args }
}

function name(kind: string, pid: number, tid: number, value: string): TraceEvent {
  return { name: kind, ph: 'M', pid, tid, args: { name: value } }
}

function micro(ms: number): number {
  return Math.round(ms * 1000)
}
