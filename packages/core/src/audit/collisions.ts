import { fileKey } from '../history.ts'
import type { Footprint } from './footprint.ts'
import { commonGround, type Meeting } from './meet.ts'

/** Two files that would disturb each other on one instance. */
export interface Collision {
  /** As `fileKey` has them. */
  readonly files: readonly [string, string]
  readonly on: readonly Meeting[]
}

/** The pairs of files that would collide if their instances were one. All others could share. */
export function collisions(footprints: readonly Footprint[]): readonly Collision[] {
  return footprints.flatMap((one, index) =>
    footprints.slice(index + 1).flatMap((other): Collision[] => {
      const on = commonGround(one, other)
      return on.length === 0 ? [] : [{ files: [fileKey(one), fileKey(other)], on }]
    }),
  )
}

/** How many pairs of files of two directories, or within one, collide. */
export interface DirectoryPair {
  readonly directories: readonly [string, string]
  readonly pairs: number
  readonly colliding: number
  /** On which resources, sorted. */
  readonly resources: readonly string[]
}

/** A matrix by directory, the diagonal included. Directories without a pair are left out. */
export function byDirectory(
  footprints: readonly Footprint[],
  found: readonly Collision[],
): readonly DirectoryPair[] {
  const directories = [...new Set(footprints.map(directoryOf))].sort()
  const known = new Map(footprints.map((each) => [fileKey(each), directoryOf(each)]))
  const count = new Map(directories.map((each) => [each, 0]))
  for (const each of footprints) count.set(directoryOf(each), count.get(directoryOf(each))! + 1)
  return directories.flatMap((one, index) =>
    directories.slice(index).flatMap((other): DirectoryPair[] => {
      const pairs =
        one === other ? (count.get(one)! * (count.get(one)! - 1)) / 2 : count.get(one)! * count.get(other)!
      if (pairs === 0) return []
      const here = found.filter(({ files }) => {
        const places = files.map((file) => known.get(file))
        return places.includes(one) && places.includes(other) && (one !== other || places[0] === places[1])
      })
      const resources = [...new Set(here.flatMap(({ on }) => on.map(({ resource }) => resource)))].sort()
      return [{ directories: [one, other], pairs, colliding: here.length, resources }]
    }),
  )
}

/** Path of a file's directory; empty for the root. */
export function directoryOf({ file }: { readonly file: string }): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')))
}
