import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import { duration } from './duration.ts'

const MOST_LINES = 5

/** A run in at most five lines, without colours. Empty for a run in which no file was run in lanes. */
export function summary(record: RunRecord, options: { path?: string } = {}): string[] {
  const ran = record.files.filter((file) => file.lane !== undefined)
  if (ran.length === 0) return []
  const lines = [headline(record, ran), ...findings(record)]
  const cancelled = record.files.length - ran.length
  if (cancelled > 0) lines.push(`${count(cancelled, 'file')} did not run`)
  if (options.path !== undefined) lines.push(`record  ${options.path}`)
  return lines.slice(0, MOST_LINES)
}

function headline(record: RunRecord, ran: readonly FileRecord[]): string {
  const alone = ran.reduce((sum, file) => sum + timeOf(file), 0)
  const ratio = alone / record.duration
  const gain = ratio >= 1.05 ? ` instead of ${duration(alone)} one after another (${ratio.toFixed(1)}×)` : ''
  return `${count(record.lanes, 'lane')} · ${count(ran.length, 'file')} · ${duration(record.duration)}${gain}`
}

// What a file would have taken with nothing else running is not known; what it took in its lane is.
function timeOf({ times }: FileRecord): number {
  return (times.finished ?? times.exited ?? times.admitted ?? 0) - (times.admitted ?? 0)
}

function findings({ findings }: RunRecord): string[] {
  if (findings.length === 0) return []
  return [`${count(findings.length, 'finding')}: ${findings.map(({ message }) => message).join(' · ')}`]
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
