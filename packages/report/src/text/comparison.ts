import type { Finding } from '@vitest-lanes/core'
import { growth } from '../compare.ts'
import type { Comparison, FileShift, Shift } from '../compare.ts'
import { duration } from '../duration.ts'
import { count } from './count.ts'
import { findingText } from './describe.ts'
import { cut } from './fit.ts'
import { table } from './table.ts'

const MOST = 15

/** A comparison as text, without colours. */
export function comparisonText(comparison: Comparison, columns = Number.POSITIVE_INFINITY): string {
  const { wall, durations, waits } = comparison
  const list = (title: string, items: readonly string[]): string[] =>
    items.length === 0
      ? []
      : [title, ...items.slice(0, MOST).map((item) => cut(`  ${item}`, columns)), rest(items)]
  const sections = [
    [`wall time  ${duration(wall.before)} → ${duration(wall.after)} (${percent(wall)})`],
    shiftLines('slower', durations.filter(isMore), columns),
    shiftLines('faster', durations.filter((shift) => !isMore(shift)).toReversed(), columns),
    shiftLines('waits more', waits.filter(isMore), columns),
    list(`newly failed: ${count(comparison.newFailures.length, 'file')}`, comparison.newFailures),
    list(`fixed: ${count(comparison.fixed.length, 'file')}`, comparison.fixed),
    list(`new findings: ${comparison.newFindings.length}`, messages(comparison.newFindings)),
    list(`findings that are gone: ${comparison.goneFindings.length}`, messages(comparison.goneFindings)),
    list(`new files: ${comparison.added.length}`, comparison.added),
    list(`files that are gone: ${comparison.removed.length}`, comparison.removed),
  ]
  return `${sections
    .map((lines) => lines.filter((line) => line !== ''))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function shiftLines(title: string, all: readonly FileShift[], columns: number): string[] {
  if (all.length === 0) return []
  const rows = all
    .slice(0, MOST)
    .map((shift) => [shift.file, duration(shift.before), '→', duration(shift.after), percent(shift)])
  const right = { title: '', align: 'right' } as const
  const lines = table([{ title: '', path: true }, right, { title: '' }, right, right], rows, columns - 2)
  return [`${title}: ${count(all.length, 'file')}`, ...lines.slice(1).map((line) => `  ${line}`), rest(all)]
}

function rest({ length }: readonly unknown[]): string {
  return length > MOST ? `  and ${length - MOST} more` : ''
}

/** Beyond ten times as long, percents say less than times do. */
function percent(shift: Shift): string {
  const part = growth(shift)
  if (part === Number.POSITIVE_INFINITY) return 'new'
  if (part >= 9) return `${Math.round(part + 1)}×`
  return `${part >= 0 ? '+' : '−'}${Math.abs(Math.round(100 * part))} %`
}

function isMore({ before, after }: Shift): boolean {
  return after > before
}

function messages(findings: readonly Finding[]): string[] {
  return findings.map(findingText)
}
