import { ALONE, SEQUENTIAL, type Mode } from './claim.ts'
import { fileKey } from './history.ts'
import type { FileRecord, RunRecord } from './record.ts'
import { runsOf } from './split/runs.ts'

/**
 * A breach of the promise that no file runs beside another that it conflicts with.
 *
 * - `lane`: two files in one lane.
 * - `instance`: two files held one instance, and not both of them shared it.
 * - `alone`: a file ran beside one that claims `alone`.
 * - `capacity`: an instance that there should not be.
 * - `no-lease`: a file ran without a lane, or without an instance of what it claims.
 */
export interface Overlap {
  readonly kind: 'lane' | 'instance' | 'alone' | 'capacity' | 'no-lease'
  /** `fileKey`s of the files: one or two. */
  readonly files: readonly string[]
  readonly resource?: string
  /** Number of the lane or instance. */
  readonly number?: number
  /** From when to when they overlapped, in ms since the run began; absent where it is not about time. */
  readonly from?: number
  readonly to?: number
}

/** For how long a file held something. */
interface Hold {
  readonly file: FileRecord
  readonly mode: Mode
  readonly from: number
  readonly to: number
}

/** Every breach in a run, from its record alone. Empty for a sound run. What never ended held on to the end. */
export function verify(record: RunRecord): Overlap[] {
  // Parts of one file meet each other as files do.
  const ran = record.files
    .flatMap(runsOf)
    .filter(({ times }) => times.admitted !== undefined || times.started !== undefined)
  return [
    ...ran.flatMap(withoutLease),
    ...ran.flatMap((file) => beyondCapacity(record, file)),
    ...lanes(record, ran),
    ...instances(record, ran),
    ...alone(record, ran),
  ]
}

/** A file that was admitted and then cancelled before it started needs no instance. */
function withoutLease(file: FileRecord): Overlap[] {
  if (file.times.started === undefined) return []
  const files = [fileKey(file)]
  const found: Overlap[] = file.lane === undefined ? [{ kind: 'no-lease', files }] : []
  for (const { resource } of file.claims)
    if (resource !== ALONE && file.instances?.[resource] === undefined)
      found.push({ kind: 'no-lease', files, resource })
  return found
}

function beyondCapacity(record: RunRecord, file: FileRecord): Overlap[] {
  return Object.entries(file.instances ?? {}).flatMap(([resource, number]): Overlap[] =>
    number >= 1 && number <= capacity(record, resource)
      ? []
      : [{ kind: 'capacity', files: [fileKey(file)], resource, number }],
  )
}

/** A resource that follows the lanes may have as many as two instances a lane: see docs/design/admission.md. */
function capacity(record: RunRecord, resource: string): number {
  const declared = record.resources[resource]
  if (declared === undefined)
    return resource === SEQUENTIAL || resource === ALONE ? 1 : Number.POSITIVE_INFINITY
  return declared.perLane ? Math.max(declared.instances, 2 * record.lanes) : declared.instances
}

function lanes(record: RunRecord, ran: readonly FileRecord[]): Overlap[] {
  const perLane = new Map<number, Hold[]>()
  for (const file of ran) {
    const { finished, exited, cleaned } = file.times
    if (file.lane !== undefined)
      add(perLane, file.lane, hold(record, file, 'exclusive', finished ?? exited ?? cleaned))
  }
  return [...perLane].flatMap(([number, holds]) =>
    conflicts(holds).map((overlap) => ({ kind: 'lane' as const, number, ...overlap })),
  )
}

function instances(record: RunRecord, ran: readonly FileRecord[]): Overlap[] {
  const perResource = new Map<string, Map<number, Hold[]>>()
  for (const file of ran)
    for (const { resource, mode } of file.claims) {
      const number = file.instances?.[resource]
      if (resource === ALONE || number === undefined) continue
      const { finished, exited, cleaned } = file.times
      const perInstance = perResource.get(resource) ?? new Map<number, Hold[]>()
      perResource.set(resource, perInstance)
      add(perInstance, number, hold(record, file, mode, cleaned ?? exited ?? finished))
    }
  return [...perResource].flatMap(([resource, perInstance]) =>
    [...perInstance].flatMap(([number, holds]) =>
      conflicts(holds).map((overlap) => ({ kind: 'instance' as const, resource, number, ...overlap })),
    ),
  )
}

/** The machine is held for as long as the process lives. */
function alone(record: RunRecord, ran: readonly FileRecord[]): Overlap[] {
  const holds = ran.map((file) => {
    const isAlone = file.claims.some(({ resource, mode }) => resource === ALONE && mode === 'exclusive')
    const { finished, exited, cleaned } = file.times
    return hold(record, file, isAlone ? 'exclusive' : 'shared', exited ?? cleaned ?? finished)
  })
  return conflicts(holds).map((overlap) => ({ kind: 'alone' as const, resource: ALONE, ...overlap }))
}

function hold(record: RunRecord, file: FileRecord, mode: Mode, end: number | undefined): Hold {
  const from = file.times.admitted ?? file.times.started ?? 0
  return { file, mode, from, to: end ?? Math.max(record.duration, from) }
}

/** All pairs that overlap and do not both share. Holds that touch do not overlap. */
function conflicts(holds: readonly Hold[]): { files: string[]; from: number; to: number }[] {
  const found: { files: string[]; from: number; to: number }[] = []
  let active: Hold[] = []
  for (const next of holds.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    active = active.filter(({ to }) => to > next.from)
    for (const other of active)
      if (next.mode === 'exclusive' || other.mode === 'exclusive')
        found.push({
          files: [fileKey(other.file), fileKey(next.file)],
          from: next.from,
          to: Math.min(other.to, next.to),
        })
    active.push(next)
  }
  return found
}

function add<K>(groups: Map<K, Hold[]>, key: K, hold: Hold): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [hold])
  else group.push(hold)
}
