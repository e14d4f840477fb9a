import { fileKey } from '@vitest-lanes/core'
import type { Finding, RunRecord } from '@vitest-lanes/core'
import { besideOf } from './analysis/beside.ts'
import { figuresOf } from './analysis/figures.ts'
import type { Figures } from './analysis/figures.ts'
import { filesThatRan } from './analysis/times.ts'
import { duration } from './duration.ts'
import { count } from './text/count.ts'
import { instancesOf } from './analysis/instances.ts'
import { findingText, instancesText } from './text/describe.ts'
import { cut, cutPath, fit } from './text/fit.ts'
import { boundSentence } from './text/sentences.ts'

/** Where to look further. */
export interface SummaryOptions {
  /** Path of the run record. */
  readonly path?: string
  /** Path of the timeline, shown instead of the record's. */
  readonly timeline?: string
  /** Width of a line. Unlimited where left out. */
  readonly columns?: number
}

const MOST_NEIGHBOURS = 3

/** A run in at most five lines, without colours. Empty for a run in which no file was run in lanes. */
export function summary(record: RunRecord, options: SummaryOptions = {}): string[] {
  const { path, timeline, columns = Number.POSITIVE_INFINITY } = options
  const figures = figuresOf(record)
  if (figures.files === 0) return []
  const lines = [headline(figures, columns)]
  const failure = failureLine(record, columns)
  if (failure !== undefined) lines.push(failure)
  if (figures.files > 1) lines.push(cut(boundSentence(figures.bound, columns), columns))
  if (record.findings.length > 0) lines.push(findingsLine(record, columns))
  if (timeline !== undefined) lines.push(`timeline  ${cutPath(timeline, columns - 10)}`)
  else if (path !== undefined) lines.push(`record  ${cutPath(path, columns - 8)}`)
  return lines
}

/** The first line of a summary. */
export function headline(
  { lanes, files, notRun, wall, oneByOne, speedUp, percent }: Figures,
  columns: number,
): string {
  const left = notRun > 0 ? ` · ${count(notRun, 'file')} did not run` : ''
  const start = `${count(lanes, 'lane')} · ${count(files, 'file')} · ${duration(wall)}`
  const possible = files > 1 ? ` · ${percent} % of what is possible` : ''
  const short = files > 1 ? ` · ${percent} % of possible` : ''
  // What did not run would have taken its time one after another, too: there is nothing to compare.
  if (speedUp < 1.05 || notRun > 0)
    return fit(columns, `${start}${possible}${left}`, `${start}${short}${left}`, `${start}${left}`)
  const gain = ` instead of ${duration(oneByOne)} one after another (${speedUp.toFixed(1)}×)`
  const brief = `, not ${duration(oneByOne)} (${speedUp.toFixed(1)}×)`
  return fit(
    columns,
    `${start}${gain}${possible}${left}`,
    `${start}${brief}${possible}${left}`,
    `${start}${brief}${short}${left}`,
    `${start}${brief}${left}`,
  )
}

/** The first question about a flake: what ran beside it. */
function failureLine(record: RunRecord, columns: number): string | undefined {
  const failed = filesThatRan(record.files).filter(({ outcome }) => outcome === 'failed')
  const [first] = failed
  if (first === undefined) return undefined
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : ''
  // It never began: nobody beside it can have to do with that.
  if (first.times.ready === undefined && first.error !== undefined)
    return fit(columns, `${fileKey(first)} failed${more}: ${first.error.split('\n', 1)[0]}`)
  const others = besideOf(record, first, first.failedTests?.[0]).map(({ file }) => file)
  const shown = others.slice(0, MOST_NEIGHBOURS).join(', ')
  const rest = others.length > MOST_NEIGHBOURS ? ` and ${others.length - MOST_NEIGHBOURS} more` : ''
  const beside = others.length === 0 ? 'with nothing beside it' : `beside ${shown}${rest}`
  const place = `in lane ${first.lane}`
  return fit(
    columns,
    `${fileKey(first)} failed ${place}${instancesText(instancesOf(first))}${more}, ${beside}`,
    `${fileKey(first)} failed ${place}${more}, ${beside}`,
  )
}

function findingsLine({ findings }: RunRecord, columns: number): string {
  const alike = new Map<string, Finding[]>()
  for (const finding of findings) {
    const key = JSON.stringify([finding.kind, finding.message])
    alike.set(key, [...(alike.get(key) ?? []), finding])
  }
  const all = [...alike.values()].map(([first, ...others]) => {
    const text = findingText({ kind: '', message: first!.message, ...pathOf(first!) }).replace(/\.$/, '')
    return others.length === 0 ? text : `${text} (and ${others.length} more)`
  })
  return cut(`${count(findings.length, 'finding')}: ${all.join(' · ')}`, columns)
}

/** The test and the line of code are for those who look further. */
function pathOf({ file }: Finding): Pick<Finding, 'file'> {
  return file === undefined ? {} : { file }
}
