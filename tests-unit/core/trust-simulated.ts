import { Gate, fileKey, randomWorkload, replayPlan, simulate } from '@vitest-lanes/core'
import type { FileRecord, ReplayPlan, ReplayPoint, RunRecord } from '@vitest-lanes/core'

const DELAYS = { startDelay: 8, exitDelay: 30, cleanDelay: 12 }
const POINTS = ['admitted', 'started', 'collected', 'finished', 'cleaned'] as const

/** A run of a random workload as it would have been recorded. */
export function recordedRun(seed: number): RunRecord {
  const { workload, lanes } = randomWorkload(seed)
  const { wall, leases } = simulate(workload, { lanes, ...DELAYS })
  const claims = new Map(workload.files.map((file) => [file.id, file.claims]))
  return {
    version: 1,
    run: 'abcdefghij',
    vitestLanes: '0.1.0',
    vitest: '4.1.12',
    node: '20.20.2',
    platform: 'linux x64',
    cores: 2,
    startedAt: '2026-01-02T03:04:05.000Z',
    duration: wall + DELAYS.exitDelay + DELAYS.cleanDelay,
    outcome: 'passed',
    lanes,
    resources: {},
    files: leases.map(({ id, lane, start, end }): FileRecord => ({
      file: id,
      project: '',
      claims: claims.get(id) ?? [],
      outcome: 'passed',
      tests: { passed: 1, failed: 0, skipped: 0, todo: 0 },
      lane,
      times: timesOf(start, end - start),
    })),
    findings: [],
  }
}

function timesOf(admitted: number, took: number): FileRecord['times'] & Record<ReplayPoint, number> {
  const finished = admitted + took
  return {
    queued: 0,
    admitted,
    started: admitted + DELAYS.startDelay,
    collected: admitted + DELAYS.startDelay + Math.floor((took - DELAYS.startDelay) / 3),
    finished,
    cleaned: finished + DELAYS.exitDelay + DELAYS.cleanDelay,
  }
}

/**
 * Repeats a recorded run behind a gate, in virtual time: a file runs as soon as the gate lets it.
 * @param stretch by how much longer a file takes than it did; 1 is as long
 */
export function repeatedRun(
  record: RunRecord,
  plan: ReplayPlan = replayPlan(record),
  stretch: (file: FileRecord) => number = () => 1,
): RunRecord {
  const files = new Map(record.files.map((file) => [fileKey(file), file]))
  const gate = new Gate({ ...plan, files: plan.order })
  const repeated: FileRecord[] = []
  let events: { at: number; run: () => void }[] = []
  const at = (time: number, run: () => void): void => {
    events = [...events, { at: time, run }].toSorted((a, b) => a.at - b.at)
  }
  const open = (now: number): void => {
    for (const { file, wait } of gate.open(false)) at(now + wait, () => admit(file, now + wait))
  }
  const admit = (key: string, now: number): void => {
    const file = files.get(key)!
    const { admitted = 0, finished = 0 } = file.times
    const times = timesOf(now, Math.round((finished - admitted) * stretch(file)))
    repeated.push({ ...file, lane: gate.enter(key), times })
    for (const point of POINTS)
      at(times[point], () => {
        gate.reached(key, point)
        open(times[point])
      })
  }
  for (const key of plan.order) gate.hold(key)
  open(0)
  for (let [next] = events; next !== undefined; [next] = events) {
    events = events.slice(1)
    next.run()
  }
  return { ...record, files: repeated }
}
