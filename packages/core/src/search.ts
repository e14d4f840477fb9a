import { lowerBound } from './bound.ts'
import { chainOrder, type OrderedFile, type OrderOptions } from './order.ts'
import { virtualRun } from './virtual-run.ts'
import type { Workload, WorkloadFile } from './workload.ts'

/** More files than this are many enough for any order of chains to fit. */
const MOST_FILES = 500
const PASSES = 5
/** Of the lower bound. */
const GOOD_ENOUGH = 1.005

/**
 * The order in which to start files, if nothing else stood in their way. Begins with `chainOrder`. Up to 500 files are
 * then scheduled in virtual time, forwards and backwards in turn: what finished last in one pass comes first in the
 * next, so that what was in the way of the longest chain moves out of it. The best order of all passes is taken.
 */
export function orderFiles<T extends OrderedFile>(files: readonly T[], options: OrderOptions): readonly T[] {
  const first = chainOrder(files, options)
  if (files.length > MOST_FILES || options.lanes < 1) return first
  const resources = resourcesOf(files, options)
  const enough = GOOD_ENOUGH * lowerBound({ resources, files: files.map(toWorkload) }, options.lanes)
  let best = first
  let shortest = Number.POSITIVE_INFINITY
  let order = first
  for (let pass = 0; pass < PASSES; pass++) {
    const { wall, leases } = virtualRun({ resources, files: order.map(toWorkload) }, options, asGiven)
    if (wall < shortest) {
      shortest = wall
      best = order
    }
    if (wall <= enough) break
    const ends = new Map(leases.map(({ id, end }) => [id, end]))
    order = failedFirst(order.toSorted((a, b) => (ends.get(b.id) ?? 0) - (ends.get(a.id) ?? 0)))
  }
  return best
}

/** An order that is somebody else's. */
export function asGiven<T>(files: readonly T[]): readonly T[] {
  return files
}

function failedFirst<T extends OrderedFile>(files: readonly T[]): readonly T[] {
  return [...files.filter(({ failedLast }) => failedLast), ...files.filter(({ failedLast }) => !failedLast)]
}

function toWorkload({ id, claims, estimate }: OrderedFile): WorkloadFile {
  return { id, claims, duration: estimate }
}

function resourcesOf(files: readonly OrderedFile[], { instances }: OrderOptions): Workload['resources'] {
  const names = new Set(files.flatMap(({ claims }) => claims.map(({ resource }) => resource)))
  return Object.fromEntries([...names].map((name) => [name, { instances: instances(name) }]))
}
