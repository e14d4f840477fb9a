import type { Group } from './types.ts'

/** What makes a test fail in a simulated suite: all of these files together. */
export interface SimulatedCause {
  /** Where they must be. */
  readonly relation: 'before' | 'beside'
  readonly files: readonly string[]
  /** By file, the tests that it takes, all of them. Whatever runs in it where left out. */
  readonly tests?: Readonly<Record<string, readonly string[]>>
}

export interface SimulatedSuite {
  /** Each suffices. */
  readonly causes: readonly SimulatedCause[]
  /** How often the test fails where a cause is there. */
  readonly rate: number
  /** How often it fails where none is. */
  readonly background: number
}

/** Whether the test fails in a trial of a simulated suite. `random` gives numbers from 0 up to 1. */
export function simulateTrial(suite: SimulatedSuite, group: Group, random: () => number): boolean {
  const isThere = suite.causes.some(
    ({ relation, files, tests = {} }) =>
      (group.relation === relation || group.relation === 'recorded') &&
      files.every((file) => group.files.includes(file)) &&
      Object.entries(tests).every(([file, names]) => {
        const run = group.tests?.[file]
        return run === undefined || names.every((name) => run.includes(name))
      }),
  )
  return random() < (isThere ? suite.rate : suite.background)
}
