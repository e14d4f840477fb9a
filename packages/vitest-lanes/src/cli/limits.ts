import { LanesError } from '@vitest-lanes/core'
import { duration, findingText, growth } from '@vitest-lanes/report'
import type { Comparison, FileShift } from '@vitest-lanes/report'

const KINDS = ['wall', 'slower', 'waits', 'failures', 'findings'] as const

/** What a comparison must not show: `slower:20%`. */
export interface Limit {
  readonly kind: (typeof KINDS)[number]
  /** 0.2 for 20 %. */
  readonly part: number
  readonly text: string
}

export interface PassedLimit {
  readonly limit: string
  readonly reason: string
}

/** Reads `wall:10%`, `slower:20%`, `waits:50%`, `failures` or `findings`. */
export function parseLimit(text: string): Limit {
  const match = /^([a-z]+)(?::(\d+(?:\.\d+)?)\s*%)?$/.exec(text.trim())
  const kind = KINDS.find((each) => each === match?.[1])
  const counts = kind === 'failures' || kind === 'findings'
  if (match === null || kind === undefined || (counts && match[2] !== undefined))
    throw new LanesError('LANES_OPTION_INVALID', `Expected \`--fail-on\` to be a limit, got \`${text}\`.`, {
      hint: 'Write wall:10%, slower:20%, waits:50%, failures or findings.',
    })
  return { kind, part: Number(match[2] ?? 0) / 100, text: text.trim() }
}

/** Which limits a comparison passes, and how. */
export function passedLimits(comparison: Comparison, limits: readonly Limit[]): PassedLimit[] {
  return limits.flatMap((limit) => {
    const reason = reasonOf(comparison, limit)
    return reason === undefined ? [] : [{ limit: limit.text, reason }]
  })
}

function reasonOf(comparison: Comparison, { kind, part }: Limit): string | undefined {
  switch (kind) {
    case 'wall':
      return growth(comparison.wall) > part
        ? `the run took ${change({ file: '', ...comparison.wall }).trim()}`
        : undefined
    case 'slower':
      return worst(comparison.durations, part)
    case 'waits':
      return worst(comparison.waits, part)
    case 'failures':
      return list(comparison.newFailures)
    case 'findings':
      return list(comparison.newFindings.map(findingText))
    default:
      return kind satisfies never
  }
}

function worst(shifts: readonly FileShift[], part: number): string | undefined {
  const over = shifts.filter((shift) => shift.after > shift.before && growth(shift) > part)
  const [first] = over
  if (first === undefined) return undefined
  return `${change(first)}${over.length > 1 ? ` (and ${over.length - 1} more)` : ''}`
}

function change({ file, before, after }: FileShift): string {
  return `${file} ${duration(after)} instead of ${duration(before)}`
}

function list(items: readonly string[]): string | undefined {
  const [first] = items
  if (first === undefined) return undefined
  return `${first}${items.length > 1 ? ` (and ${items.length - 1} more)` : ''}`
}
