/* oxlint-disable unicorn/consistent-function-scoping -- its source text is put into the page: nothing outside of it exists there */
import type { Bar, Entry, Row } from './types.ts'

/** A bar, and in which row it is. */
export interface Place {
  readonly row: number
  readonly bar: Bar
}

/** How the keyboard goes from bar to bar. */
export interface Walk {
  readonly first: Place | undefined
  /** Where a key leads; undefined where there is nothing further. */
  step(from: Place | undefined, key: string): Place | undefined
  /** A file's bar in its lane. */
  placeOf(entry: Entry): Place | undefined
  /** The row at so many px from the top. */
  rowAt(top: number): number
}

export function createWalk(rows: readonly Row[]): Walk {
  function at(row: number, index: number): Place | undefined {
    const bar = rows[row]?.bars.at(index)
    return bar === undefined ? undefined : { row, bar }
  }

  function nearestTo(time: number, bars: readonly Bar[]): Bar | undefined {
    const distance = ({ from, to }: Bar): number => Math.max(from - time, time - to, 0)
    return bars.reduce<Bar | undefined>(
      (best, bar) => (best === undefined || distance(bar) < distance(best) ? bar : best),
      undefined,
    )
  }

  /** The next row that has a bar: the one nearest in time. */
  function across({ row, bar }: Place, direction: 1 | -1): Place | undefined {
    for (let next = row + direction; next >= 0 && next < rows.length; next += direction) {
      const nearest = nearestTo((bar.from + bar.to) / 2, rows[next]?.bars ?? [])
      if (nearest !== undefined) return { row: next, bar: nearest }
    }
    return undefined
  }

  return {
    first: at(
      rows.findIndex(({ bars }) => bars.length > 0),
      0,
    ),
    step(from, key) {
      if (from === undefined) return undefined
      const index = rows[from.row]?.bars.indexOf(from.bar) ?? 0
      switch (key) {
        case 'ArrowRight':
          return at(from.row, index + 1)
        case 'ArrowLeft':
          return index === 0 ? undefined : at(from.row, index - 1)
        case 'Home':
          return at(from.row, 0)
        case 'End':
          return at(from.row, -1)
        case 'ArrowDown':
          return across(from, 1)
        case 'ArrowUp':
          return across(from, -1)
        default:
          return undefined
      }
    },
    placeOf(entry) {
      const row = rows.findIndex(({ kind }) => kind === 'lane') + entry.lane - 1
      const bar = rows[row]?.bars.find((each) => each.entry === entry)
      return bar === undefined ? undefined : { row, bar }
    },
    rowAt(top) {
      const index = rows.findIndex((row) => row.top + row.height > top)
      return index === -1 ? rows.length - 1 : index
    },
  }
}
