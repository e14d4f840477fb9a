import { ALONE, fileKey } from '@vitest-lanes/core'
import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import { durationOf, filesThatRan, heldUntil } from './times.ts'

/** A file of the chain, and what let it begin. */
export interface Link {
  /** As `fileKey`. */
  readonly file: string
  /** ms. */
  readonly duration: number
  /** It could not begin before this was free; absent for the first of the chain. */
  readonly after?: { readonly lane: number } | { readonly resource: string; readonly instance: number }
}

/** A lane or an instance. */
interface Place {
  readonly after: NonNullable<Link['after']>
  /** Until when a file kept it from others. */
  readonly freeAt: (file: FileRecord) => number
  /** By the time at which they gave it back. */
  readonly files: FileRecord[]
}

// Clocks are read a moment after what they note.
const SLACK_MS = 1

/**
 * The files that follow one another without a gap up to the end of the run, first to last: each began when the one
 * before gave back the lane or the instance that it needed. To end sooner, a run must shorten or break this chain.
 */
export function chainOf(record: RunRecord): readonly Link[] {
  const ran = filesThatRan(record.files).filter(({ times }) => times.finished !== undefined)
  const placesOf = createPlaces(ran)
  const links: Link[] = []
  let last = ran.reduce<FileRecord | undefined>(
    (latest, file) => (latest === undefined || end(file) > end(latest) ? file : latest),
    undefined,
  )
  while (last !== undefined) {
    const before = latestRelease(last, placesOf(last))
    links.push({
      file: fileKey(last),
      duration: durationOf(last),
      ...(before === undefined ? {} : { after: before.place.after }),
    })
    last = before?.by
  }
  return links.toReversed()
}

/** Which lanes and instances a file could not do without, with who had them. */
function createPlaces(ran: readonly FileRecord[]): (file: FileRecord) => readonly Place[] {
  const lanes = new Map<number, Place>()
  const instances = new Map<string, Map<number, Place>>()
  const alone = placeOf({ resource: ALONE, instance: 1 }, heldUntil)
  // Each file that does not run alone stands in the way of one that does, and the other way round.
  const others = placeOf({ resource: ALONE, instance: 1 }, heldUntil)
  const held = (file: FileRecord): Place[] => {
    const { lane = 0 } = file
    const places = [entryOf(lanes, lane, () => placeOf({ lane }, end))]
    for (const [resource, instance] of Object.entries(file.instances ?? {})) {
      if (resource === ALONE) continue
      const numbers = entryOf(instances, resource, () => new Map<number, Place>())
      places.push(entryOf(numbers, instance, () => placeOf({ resource, instance }, heldUntil)))
    }
    return places
  }
  for (const file of ran)
    for (const { files } of [...held(file), runsAlone(file) ? alone : others]) files.push(file)
  for (const { files, freeAt } of [
    ...lanes.values(),
    ...[...instances.values()].flatMap((numbers) => [...numbers.values()]),
    alone,
    others,
  ])
    files.sort((a, b) => freeAt(a) - freeAt(b))
  return (file) => [...held(file), alone, ...(runsAlone(file) ? [others] : [])]
}

function placeOf(after: Place['after'], freeAt: Place['freeAt']): Place {
  return { after, freeAt, files: [] }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}

interface Release {
  readonly place: Place
  readonly by: FileRecord
}

function latestRelease(file: FileRecord, places: readonly Place[]): Release | undefined {
  const { queued, admitted = queued } = file.times
  if (admitted - queued <= SLACK_MS) return undefined
  let latest: Release | undefined
  for (const place of places) {
    const by = lastUntil(place, admitted + SLACK_MS, file)
    if (by !== undefined && (latest === undefined || isLater({ place, by }, latest, file)))
      latest = { place, by }
  }
  return latest
}

/** Of instances that were given back together, the one that the file is known to have waited for. */
function isLater(release: Release, latest: Release, { waitedFor }: FileRecord): boolean {
  const [at, before] = [release, latest].map(({ place, by }) => place.freeAt(by)) as [number, number]
  if (Math.abs(at - before) > SLACK_MS) return at > before
  const { after } = release.place
  return waitedFor === ('lane' in after ? 'lane' : after.resource)
}

/** By binary search: chains of ten thousand files are walked link by link. */
function lastUntil({ files, freeAt }: Place, time: number, file: FileRecord): FileRecord | undefined {
  let low = 0
  let high = files.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (freeAt(files[middle]!) <= time) low = middle + 1
    else high = middle
  }
  // Strictly earlier files only, so that the walk ends.
  for (let index = low - 1; index >= 0; index--) {
    const by = files[index]!
    if (by !== file && (by.times.admitted ?? 0) < (file.times.admitted ?? 0)) return by
  }
  return undefined
}

function runsAlone({ instances }: FileRecord): boolean {
  return instances?.[ALONE] !== undefined
}

function end({ times }: FileRecord): number {
  return times.finished ?? 0
}
