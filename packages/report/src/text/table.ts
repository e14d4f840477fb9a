import { cut, cutPath } from './fit.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** What is cut where the table is too wide: a path at its beginning. At most one column. */
  readonly path?: true
}

const GAP = '  '
const NARROWEST = 12

/** Rows under titles, in columns that are as wide as they need to be. Rows that are still too wide are cut. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = Number.POSITIVE_INFINITY,
): string[] {
  const all = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const over = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1) - width
  const path = columns.findIndex((column) => column.path)
  if (over > 0 && path !== -1) widths[path] = Math.max(NARROWEST, (widths[path] ?? 0) - over)
  return all.map((row) =>
    cut(
      columns
        .map(({ align }, column) => {
          const room = widths[column] ?? 0
          const text = column === path ? cutPath(row[column] ?? '', room) : (row[column] ?? '')
          return align === 'right' ? text.padStart(room) : text.padEnd(room)
        })
        .join(GAP)
        .trimEnd(),
      width,
    ),
  )
}
