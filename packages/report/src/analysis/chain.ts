import { ALONE, fileKey } from '@vitest-lanes/core'
import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import { filesThatRan, heldUntil } from './times.ts'

/** A file of the chain, and what let it begin. */
export interface Link {
  /** As `fileKey`. */
  readonly file: string
  /** It could not begin before this was free; absent for the first of the chain. */
  readonly after?: { readonly lane: number } | { readonly resource: string; readonly instance: number }
}

interface Release {
  readonly at: number
  readonly by: FileRecord
  readonly after: NonNullable<Link['after']>
}

// Clocks are read a moment after what they note.
const SLACK_MS = 1

/** Where files are that do not run alone: each of them stands in the way of one that does, and the other way round. */
const OTHERS = 'others'

/**
 * The files that follow one another without a gap up to the end of the run, first to last: each began when the one
 * before gave back the lane or the instance that it needed. To end sooner, a run must shorten or break this chain.
 */
export function chainOf(record: RunRecord): readonly Link[] {
  const ran = filesThatRan(record.files).filter(({ times }) => times.finished !== undefined)
  const releases = releasesOf(
    ran,
    ran.some(({ instances }) => instances?.[ALONE] !== undefined),
  )
  const links: Link[] = []
  let last = ran.reduce<FileRecord | undefined>(
    (latest, file) => (latest === undefined || end(file) > end(latest) ? file : latest),
    undefined,
  )
  while (last !== undefined) {
    const before = latestRelease(last, releases)
    links.push({ file: fileKey(last), ...(before === undefined ? {} : { after: before.after }) })
    last = before?.by
  }
  return links.toReversed()
}

/** What each lane and each instance was given back by, in time's order. */
function releasesOf(
  files: readonly FileRecord[],
  someAlone: boolean,
): ReadonlyMap<string, readonly Release[]> {
  const releases = new Map<string, Release[]>()
  const add = (place: string, release: Release): void => {
    const known = releases.get(place)
    if (known === undefined) releases.set(place, [release])
    else known.push(release)
  }
  for (const file of files) {
    const lane = file.lane ?? 0
    add(`lane ${lane}`, { at: end(file), by: file, after: { lane } })
    for (const [resource, instance] of Object.entries(file.instances ?? {}))
      add(placeOf(resource, instance), { at: heldUntil(file), by: file, after: { resource, instance } })
    if (someAlone && file.instances?.[ALONE] === undefined)
      add(OTHERS, { at: heldUntil(file), by: file, after: { resource: ALONE, instance: 1 } })
  }
  for (const list of releases.values()) list.sort((a, b) => a.at - b.at)
  return releases
}

function latestRelease(
  file: FileRecord,
  releases: ReadonlyMap<string, readonly Release[]>,
): Release | undefined {
  const { queued, admitted = queued } = file.times
  if (admitted - queued <= SLACK_MS) return undefined
  const places = [
    `lane ${file.lane}`,
    ...Object.entries(file.instances ?? {}).map(([resource, instance]) => placeOf(resource, instance)),
    file.instances?.[ALONE] === undefined ? placeOf(ALONE, 1) : OTHERS,
  ]
  let latest: Release | undefined
  for (const place of places) {
    const release = lastUntil(releases.get(place) ?? [], admitted + SLACK_MS, file)
    if (release !== undefined && (latest === undefined || isLater(release, latest, file))) latest = release
  }
  return latest
}

/** Of instances that were given back together, the one that the file is known to have waited for. */
function isLater(release: Release, latest: Release, { waitedFor }: FileRecord): boolean {
  if (Math.abs(release.at - latest.at) > SLACK_MS) return release.at > latest.at
  const { after } = release
  return waitedFor === ('lane' in after ? 'lane' : after.resource)
}

/** By binary search: chains of ten thousand files are walked link by link. */
function lastUntil(releases: readonly Release[], time: number, file: FileRecord): Release | undefined {
  let low = 0
  let high = releases.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (releases[middle]!.at <= time) low = middle + 1
    else high = middle
  }
  // Strictly earlier files only, so that the walk ends.
  for (let index = low - 1; index >= 0; index--) {
    const { by } = releases[index]!
    if (by !== file && (by.times.admitted ?? 0) < (file.times.admitted ?? 0)) return releases[index]
  }
  return undefined
}

function placeOf(resource: string, instance: number): string {
  return `${resource}#${instance}`
}

function end({ times }: FileRecord): number {
  return times.finished ?? 0
}
