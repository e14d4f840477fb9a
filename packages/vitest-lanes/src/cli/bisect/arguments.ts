import { LanesError } from '@vitest-lanes/core'

/** `10` and `10%`: 0.1. */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())
  const rate = Number(match?.[1]) / 100
  if (rate >= 0.01 && rate <= 0.9) return rate
  throw new LanesError('LANES_OPTION_INVALID', `Expected \`--rate\` to be from 1 % to 90 %, got \`${text}\`.`)
}
