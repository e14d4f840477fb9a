import type { BenchResult } from './result.ts'

const HEAD = ['', 'value', 'limit', '']

/** Figures for people. */
export function table(results: readonly BenchResult[]): string {
  const rows = [
    HEAD,
    ...results.map(({ id, value, unit, limit, pass }) => [
      id,
      shown(value, unit),
      ...(Number.isFinite(limit) ? [`≤ ${shown(limit, unit)}`, pass ? 'ok' : 'MISSED'] : ['', '']),
    ]),
  ]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  '),
    )
    .join('\n')
}

function shown(value: number, unit: string): string {
  return unit === 'ratio'
    ? value.toFixed(2)
    : `${value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${unit}`
}
