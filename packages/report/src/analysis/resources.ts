import { ALONE, SEQUENTIAL } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import { filesThatRan, heldUntil, waitOf } from './times.ts'

/** How a resource was used. Times in ms. */
export interface ResourceUse {
  readonly name: string
  /** How many there were; 1 for `sequential` and `alone`. */
  readonly instances: number
  readonly perLane: boolean
  /** How many were held at some time. */
  readonly used: number
  readonly source: string | undefined
  /** Files that claimed it. */
  readonly files: number
  /** Between the first lease and the last clean instance, over all instances; shared holders counted each. */
  readonly held: number
  /** What part of instances and wall time it was held: 1 where every instance was held all the time. */
  readonly busy: number
  /** Files whose last wait was for it, and for how long. */
  readonly waiting: { readonly files: number; readonly ms: number }
}

/** The resources that files claimed, those that were waited for longest first. */
export function resourcesOf(record: RunRecord): readonly ResourceUse[] {
  const uses = new Map<string, { numbers: Set<number>; files: number; held: number; waits: number[] }>()
  const useOf = (name: string) => {
    const known = uses.get(name) ?? { numbers: new Set<number>(), files: 0, held: 0, waits: [] }
    uses.set(name, known)
    return known
  }
  // One that ran in parts is one file.
  for (const { lane, claims } of record.files)
    if (lane !== undefined) for (const { resource } of claims) useOf(resource).files++
  for (const file of filesThatRan(record.files)) {
    for (const { resource } of file.claims) {
      const use = useOf(resource)
      use.held += heldUntil(file) - (file.times.admitted ?? heldUntil(file))
      const number = file.instances?.[resource]
      if (number !== undefined) use.numbers.add(number)
    }
    if (file.waitedFor !== undefined && file.claims.some(({ resource }) => resource === file.waitedFor))
      useOf(file.waitedFor).waits.push(waitOf(file))
  }
  return [...uses]
    .map(([name, { numbers, files, held, waits }]): ResourceUse => {
      const declared = record.resources[name]
      const builtIn = name === SEQUENTIAL || name === ALONE
      const instances = declared?.instances ?? (builtIn ? 1 : Math.max(1, ...numbers))
      return {
        name,
        instances,
        perLane: declared?.perLane ?? false,
        used: numbers.size,
        source: declared?.source,
        files,
        held,
        busy: record.duration > 0 ? held / (instances * record.duration) : 0,
        waiting: { files: waits.length, ms: waits.reduce((sum, wait) => sum + wait, 0) },
      }
    })
    .sort((a, b) => b.waiting.ms - a.waiting.ms || b.busy - a.busy || (a.name < b.name ? -1 : 1))
}
