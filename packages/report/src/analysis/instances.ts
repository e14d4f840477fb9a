import type { FileRecord } from '@vitest-lanes/core'

/** Those that a file was given: none where it was let in, and they could not be had. */
export function instancesOf({ instances = {}, times }: FileRecord): Readonly<Record<string, number>> {
  return times.ready === undefined ? {} : instances
}
