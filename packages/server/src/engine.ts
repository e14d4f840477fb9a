import { LanesError } from '@vitest-lanes/core'

/** Where a private server comes from: a binary on the machine, or one that comes as a package. */
export type Engine = 'native' | 'embedded'

const VARIABLE = 'VITEST_LANES_ENGINE'

/**
 * The engine that `VITEST_LANES_ENGINE` forces for all providers; `undefined` if it is unset or empty.
 * @throws LANES_OPTION_INVALID for another word.
 */
export function engineFromEnvironment(env: NodeJS.ProcessEnv = process.env): Engine | undefined {
  const value = env[VARIABLE]
  if (value === undefined || value === '') return undefined
  if (value === 'native' || value === 'embedded') return value
  throw new LanesError(
    'LANES_OPTION_INVALID',
    `Expected ${VARIABLE} to be native or embedded, got ${value}.`,
    {
      hint: `Unset ${VARIABLE} to use a server of this machine if there is one, and an embedded one otherwise.`,
    },
  )
}
