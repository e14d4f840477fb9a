import { availableParallelism } from 'node:os'
import { AutoLanes } from '@vitest-lanes/core'
import type { TestProject, Vitest } from 'vitest/node'

const FEWEST = 4
/** Of `lanes: 'auto'`: files that do nothing but wait would fill any number. */
const MOST_AUTO = 16
/** A worker and its servers, in bytes: memory for half as many again is left free. */
export const MEMORY_PER_FILE = 400 * 2 ** 20

/** How many lanes a run begins with, and may have. Both are the same unless it follows the machine's load. */
export interface LaneCount {
  readonly start: number
  readonly most: number
}

/**
 * What `lanes` says, with the user's `maxWorkers` as a cap. `'auto'` begins with the number of cores, at least 4, since
 * test files that use servers mostly wait.
 */
export function countLanes(asked: number | 'auto', userMaxWorkers: number | undefined): LaneCount {
  const cap = userMaxWorkers ?? Number.POSITIVE_INFINITY
  if (asked !== 'auto') return { start: Math.min(asked, cap), most: Math.min(asked, cap) }
  const usual = Math.max(availableParallelism(), FEWEST)
  return { start: Math.min(usual, cap), most: Math.min(Math.max(MOST_AUTO, 2 * usual), cap) }
}

/** Decides how many lanes there should be while a run with `lanes: 'auto'` is under way. */
export function createAutoLanes({ start, most }: LaneCount): AutoLanes {
  const cores = availableParallelism()
  return new AutoLanes({ cores, least: Math.min(cores, start), most, memoryPerFile: MEMORY_PER_FILE })
}

/**
 * What the user has set the root's `maxWorkers` to, by configuration, command line, environment or
 * `fileParallelism: false`; undefined where it is Vitest's own default.
 */
export function userMaxWorkers(config: Vitest['config']): number | undefined {
  const { maxWorkers, fileParallelism, providedOptions, inspector }: Asked = config
  // A debugger follows one worker: Vitest refuses more, and does not know of ours where its own default is one.
  if (inspector?.enabled === true) return 1
  // 4.1 leaves it undefined where nobody asked; 5.1 puts its default there, and says whether somebody did.
  const isAsked = providedOptions?.maxWorkers ?? true
  return isAsked || fileParallelism === false ? maxWorkers : undefined
}

/** The same for a project; where it says nothing, what holds for the root. */
export function projectMaxWorkers({ config, name, vitest }: TestProject): number | undefined {
  const root = vitest.config
  const { maxWorkers, fileParallelism, providedOptions }: Asked = config
  const isInherited =
    providedOptions !== undefined && fileParallelism !== false && maxWorkers === root.maxWorkers
  // 5.1: inline projects inherit the root's default as if somebody had asked for it. Only their text tells.
  return isInherited && !asksItself(root, name) ? userMaxWorkers(root) : userMaxWorkers(config)
}

function asksItself({ projects }: { readonly projects?: readonly unknown[] }, name: string): boolean {
  return (projects ?? []).some((project) => {
    const { test } = (typeof project === 'object' ? project : {}) as { test?: Definition }
    const label = typeof test?.name === 'object' ? test.name.label : test?.name
    return label === name && test?.maxWorkers !== undefined
  })
}

interface Definition {
  readonly name?: string | { readonly label: string }
  readonly maxWorkers?: unknown
}

interface Asked {
  readonly maxWorkers?: number
  readonly fileParallelism?: boolean
  readonly providedOptions?: { readonly maxWorkers?: boolean }
  readonly inspector?: { readonly enabled?: boolean }
}
