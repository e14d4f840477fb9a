import type { Vitest } from 'vitest/node'

/** What draws the lines that Vitest keeps at the bottom of a terminal. */
interface Summary {
  createSummary: () => unknown
  readonly renderer: unknown
}

/**
 * Puts a line above the summary that a reporter of Vitest keeps at the bottom of a terminal, drawn anew with it. The
 * default and verbose reporters have it in `summary`, the dot reporter is one itself (4.1.12, 5.1.1; not public).
 * @returns what takes the line away again; undefined where no reporter has such a summary
 */
export function addSummaryLine(vitest: Vitest, line: () => string): (() => void) | undefined {
  const { reporters } = vitest as unknown as { reporters?: readonly object[] }
  const summaries = (reporters ?? []).map(summaryOf).filter((summary) => summary !== undefined)
  if (summaries.length === 0) return undefined
  const removals = summaries.map((summary) => wrap(summary, line))
  return () => {
    for (const remove of removals) remove()
  }
}

function summaryOf(reporter: object): Summary | undefined {
  const { summary } = reporter as { summary?: unknown }
  return [summary, reporter].find(isSummary)
}

function isSummary(value: unknown): value is Summary {
  if (typeof value !== 'object' || value === null) return false
  const { createSummary, renderer } = value as Partial<Summary>
  return typeof createSummary === 'function' && typeof renderer === 'object'
}

function wrap(summary: Summary, line: () => string): () => void {
  const draw = summary.createSummary
  const isOwn = Object.hasOwn(summary, 'createSummary')
  summary.createSummary = () => {
    const lines = draw.call(summary)
    return Array.isArray(lines) ? ['', line(), ...(lines as unknown[])] : lines
  }
  return () => {
    if (isOwn) summary.createSummary = draw
    else delete (summary as Partial<Summary>).createSummary
  }
}
