import { availableParallelism } from 'node:os'
import type { TestProject, Vitest } from 'vitest/node'

const FEWEST = 4

/**
 * How many lanes a run has: what `lanes` says, with the user's `maxWorkers` as a cap; else that `maxWorkers`; else the
 * number of cores, at least 4, since test files that use servers mostly wait.
 */
export function countLanes(asked: number | undefined, userMaxWorkers: number | undefined): number {
  if (asked === undefined) return userMaxWorkers ?? Math.max(availableParallelism(), FEWEST)
  return Math.min(asked, userMaxWorkers ?? asked)
}

/**
 * What the user has set the root's `maxWorkers` to, by configuration, command line, environment or
 * `fileParallelism: false`; undefined where it is Vitest's own default.
 */
export function userMaxWorkers(config: Vitest['config']): number | undefined {
  const { maxWorkers, fileParallelism, providedOptions }: Asked = config
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
}
