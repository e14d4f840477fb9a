import type { RunRecord } from '@vitest-lanes/core'
import { analyse } from '../analysis/analyse.ts'
import type { Analysis } from '../analysis/analyse.ts'
import type { Neighbour } from '../analysis/beside.ts'
import { MANY_FILES } from '../analysis/changes.ts'
import { duration } from '../duration.ts'
import { headline } from '../summary.ts'
import { count } from './count.ts'
import { claimsText, findingText, instancesText, linkReason } from './describe.ts'
import { cut } from './fit.ts'
import { cpuSentence, gainSentence } from './sentences.ts'
import { table } from './table.ts'

/** How many rows each list shows. */
const MOST = 20
const MOST_TESTS = 5
const MOST_NEIGHBOURS = 8

/**
 * A run as text, without colours: figures, what bounds it, files, resources, failures and findings.
 * @param options `columns`: width of a line; unlimited where left out
 */
export function textReport(record: RunRecord, { columns }: { readonly columns?: number } = {}): string {
  const width = columns ?? Number.POSITIVE_INFINITY
  // Text is for the end of a run: nobody waits there for a simulation of thousands of files.
  const analysis = analyse(record, { simulate: record.files.length <= MANY_FILES, mostFiles: MOST })
  const head = `${record.startedAt.slice(0, 19).replace('T', ' ')} · ${record.outcome} · Vitest ${record.vitest} · Node ${record.node} · ${record.platform}, ${record.cores} cores`
  const gain = gainSentence(analysis.gains[0]) ?? cpuSentence(analysis.cpuBound, analysis.figures.wall)
  const sections = [
    [cut(head, width), ...(analysis.figures.files === 0 ? [] : [headline(analysis.figures, width)])],
    gain === undefined ? [] : wrap(gain, width),
    chainSection(analysis, width),
    filesSection(analysis, width),
    resourcesSection(analysis, width),
    failuresSection(analysis, width),
    analysis.findings.length === 0
      ? []
      : [
          `Findings${more(analysis.findings.length)}`,
          ...analysis.findings.slice(0, MOST).map((finding) => cut(`  ${findingText(finding)}`, width)),
        ],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function chainSection({ chain }: Analysis, width: number): string[] {
  if (chain.length === 0) return []
  const rows = chain.slice(-MOST).map((link) => [duration(link.duration), link.file, linkReason(link)])
  return section(
    `What the end of the run had to wait for${more(chain.length)}`,
    table(
      [{ title: 'duration', align: 'right' }, { title: 'file', path: true }, { title: 'began after' }],
      rows,
      width - 2,
    ),
  )
}

function filesSection({ files, figures }: Analysis, width: number): string[] {
  if (files.length === 0) return []
  const rows = files.map(({ file, outcome, claims, duration: ms, phases, waitedFor, lane }) => [
    lane === undefined ? '' : duration(ms),
    phases.waiting === 0 ? '' : duration(phases.waiting),
    outcome === 'passed' ? file : `${file} (${outcome})`,
    lane === undefined ? '' : String(lane),
    claimsText(claims),
    waitedFor ?? '',
  ])
  const columns = [
    { title: 'duration', align: 'right' },
    { title: 'waited', align: 'right' },
    { title: 'file', path: true },
    { title: 'lane', align: 'right' },
    { title: 'claims' },
    { title: 'waited for' },
  ] as const
  return section(
    `Files, the longest first${more(figures.files + figures.notRun)}`,
    table(columns, rows, width - 2),
  )
}

function resourcesSection({ resources }: Analysis, width: number): string[] {
  if (resources.length === 0) return []
  const rows = resources.map(({ name, instances, perLane, used, files, busy, waiting, source }) => [
    name,
    perLane ? `${used} used` : `${used} of ${instances}`,
    String(files),
    `${Math.round(100 * busy)} %`,
    waiting.files === 0 ? '' : `${waiting.files} for ${duration(waiting.ms)}`,
    source ?? '',
  ])
  const columns = [
    { title: 'resource' },
    { title: 'instances' },
    { title: 'files', align: 'right' },
    { title: 'held', align: 'right' },
    { title: 'waited' },
    { title: 'from' },
  ] as const
  return section('Resources, the most waited for first', table(columns, rows, width - 2))
}

function failuresSection({ failures }: Analysis, width: number): string[] {
  if (failures.length === 0) return []
  const lines = failures.slice(0, MOST).flatMap(({ file, lane, instances, error, beside, tests }) => {
    return [
      cut(`  ${file} in lane ${lane}${instancesText(instances)}`, width),
      ...(error === undefined ? [] : [cut(`    ${error}`, width)]),
      ...tests
        .slice(0, MOST_TESTS)
        .flatMap((test) => [
          cut(`    ${test.name}${test.beside.length === 0 ? ': nothing ran beside it' : ''}`, width),
          ...besideLines(test.beside, width, '      '),
        ]),
      ...(tests.length > MOST_TESTS ? [`    and ${count(tests.length - MOST_TESTS, 'more test')}`] : []),
      ...(tests.length === 0 ? besideLines(beside, width, '    ') : []),
    ]
  })
  return [`Failed, and what ran beside it${more(failures.length)}`, ...lines]
}

function besideLines(beside: readonly Neighbour[], width: number, indent: string): string[] {
  const lines = beside
    .slice(0, MOST_NEIGHBOURS)
    .map(
      (other) =>
        `${indent}beside ${other.file} for ${duration(other.overlap)}, lane ${other.lane}${instancesText(other.instances)}`,
    )
  const left = beside.length - MOST_NEIGHBOURS
  return [...lines, ...(left > 0 ? [`${indent}and ${count(left, 'more file')}`] : [])].map((line) =>
    cut(line, width),
  )
}

function section(title: string, lines: readonly string[]): string[] {
  return [title, ...lines.map((line) => `  ${line}`)]
}

function more(length: number): string {
  return length > MOST ? ` (${MOST} of ${length})` : ''
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each) => cut(each, width))
}
