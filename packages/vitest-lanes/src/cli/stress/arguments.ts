import { LanesError } from '@vitest-lanes/core'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `90s`, `10m`, `1h`: ms. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim())
  const ms = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN)
  if (!(ms > 0)) throw invalid('--for', '90s, 10m or 1h', text)
  return ms
}

/** A whole number of at least 1. */
export function parseCount(option: string): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < 1) throw invalid(option, 'a whole number of at least 1', text)
    return Number(text)
  }
}

/** A seed: a whole number. */
export function parseSeed(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalid('--seed', 'a whole number', text)
  return Number(text)
}

function invalid(option: string, expected: string, got: string): LanesError {
  return new LanesError('LANES_OPTION_INVALID', `Expected \`${option}\` to be ${expected}, got \`${got}\`.`)
}
