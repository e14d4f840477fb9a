import { LanesError } from '@vitest-lanes/core'

/** From `first` to `last`, both included. */
export interface Range {
  readonly first: number
  readonly last: number
}

export interface Shards extends Range {
  readonly count: number
}

/** `lanes=8`, `stripe.instances=2`. */
export type AssumedChange =
  | { readonly kind: 'lanes'; readonly to: number; readonly text: string }
  | { readonly kind: 'instances'; readonly resource: string; readonly to: number; readonly text: string }

const MOST_LANES = 512

/** `8` or `1..16`. */
export function parseLaneRange(text: string): Range {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text)
  const first = Number(match?.[1])
  const last = Number(match?.[2] ?? first)
  if (match === null || first < 1 || last < first || last > MOST_LANES)
    throw invalid('--lanes', '8 or 1..16', text)
  return { first, last }
}

/** `1..4`: all four; `2/4`: the second of four. */
export function parseShards(text: string): Shards {
  const one = /^(\d+)\/(\d+)$/.exec(text)
  const all = /^1\.\.(\d+)$/.exec(text)
  const count = Number(one?.[2] ?? all?.[1])
  const first = Number(one?.[1] ?? 1)
  if ((one ?? all) === null || count < 1 || first < 1 || first > count)
    throw invalid('--shard', '1..4 or 2/4', text)
  return { first, last: one === null ? count : first, count }
}

/** `lanes=8` or `<resource>.instances=2`. */
export function parseChange(text: string): AssumedChange {
  const match = /^(?:([a-z][\w -]*)\.instances|lanes)\s*=\s*(\d+)$/i.exec(text.trim())
  const to = Number(match?.[2])
  if (match === null || to < 1) throw invalid('--if', 'lanes=8 or stripe.instances=2', text)
  const resource = match[1]
  return resource === undefined
    ? { kind: 'lanes', to, text: text.trim() }
    : { kind: 'instances', resource, to, text: text.trim() }
}

function invalid(option: string, expected: string, got: string): LanesError {
  return new LanesError(
    'LANES_OPTION_INVALID',
    `Expected \`${option}\` to be like ${expected}, got \`${got}\`.`,
  )
}
