import { LanesError, nearest } from '@vitest-lanes/core'

const VARIABLE = /^[A-Za-z_]\w*$/

interface Check {
  readonly expected: string
  readonly holds: (value: unknown) => boolean
}

export const CHECKS = {
  name: {
    expected: 'the name of an environment variable',
    holds: (value) => typeof value === 'string' && VARIABLE.test(value),
  },
  instances: {
    expected: "a whole number from 1, or 'lanes'",
    holds: (value) => value === 'lanes' || (Number.isInteger(value) && Number(value) > 0),
  },
  usual: {
    expected: 'a port, from 1 to 65535',
    holds: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535,
  },
} satisfies Record<string, Check>

/**
 * Checks the options of a built-in provider.
 * @throws LANES_OPTION_UNKNOWN, LANES_OPTION_INVALID
 */
export function checkOptions(
  provider: string,
  options: object,
  known: readonly (keyof typeof CHECKS)[],
): void {
  for (const [option, value] of Object.entries(options)) {
    const name = known.find((one) => one === option)
    if (name === undefined) {
      const near = nearest(option, known)
      throw new LanesError('LANES_OPTION_UNKNOWN', `${provider}() has no option \`${option}\`.`, {
        hint: near === undefined ? `It has ${known.join(', ')}.` : `Did you mean \`${near}\`?`,
      })
    }
    if (value === undefined || CHECKS[name].holds(value)) continue
    throw new LanesError(
      'LANES_OPTION_INVALID',
      `Expected \`${name}\` of ${provider}() to be ${CHECKS[name].expected}, got \`${JSON.stringify(value)}\`.`,
    )
  }
}
