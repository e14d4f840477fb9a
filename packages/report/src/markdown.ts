import type { RunRecord } from '@vitest-lanes/core'
import { analyse } from './analysis/analyse.ts'
import type { Neighbour } from './analysis/beside.ts'
import { duration } from './duration.ts'
import { headline } from './summary.ts'
import { capital } from './text/capital.ts'
import { claimsText, findingText, instancesText } from './text/describe.ts'
import { boundSentence, cpuSentence, gainSentence } from './text/sentences.ts'

const MOST_FILES = 10
const MOST_FAILURES = 20
const MOST_TESTS = 5
const MOST_NEIGHBOURS = 8

/** A run as GitHub-flavoured Markdown, for `GITHUB_STEP_SUMMARY`. */
export function markdownReport(record: RunRecord): string {
  const { figures, gains, cpuBound, files, resources, failures, findings } = analyse(record, {
    mostFiles: MOST_FILES,
  })
  const gain = gainSentence(gains[0]) ?? cpuSentence(cpuBound, figures.wall)
  const all = record.files.length
  const blocks = [
    `## vitest-lanes: ${record.outcome}`,
    escape(figures.files === 0 ? 'No file was run in lanes.' : headline(figures, Number.POSITIVE_INFINITY)),
  ]
  if (figures.files > 1) blocks.push(`${capital(escape(boundSentence(figures.bound)))}.`)
  if (gain !== undefined) blocks.push(`**${escape(gain)}**`)
  if (failures.length > 0)
    blocks.push(
      '### Failed, and what ran beside it',
      failures
        .slice(0, MOST_FAILURES)
        .map(
          ({ file, beside, tests }) =>
            `- ${code(file)}${
              tests.length === 0
                ? besideText(beside)
                : tests
                    .slice(0, MOST_TESTS)
                    .map((test) => `\n  - ${escape(test.name)}${besideText(test.beside)}`)
                    .join('')
            }`,
        )
        .join('\n'),
    )
  if (findings.length > 0)
    blocks.push('### Findings', findings.map((finding) => `- ${escape(findingText(finding))}`).join('\n'))
  if (files.length > 0)
    blocks.push(
      `### ${all > MOST_FILES ? `The ${MOST_FILES} longest of ${all} files` : 'Files'}`,
      table(
        ['file', 'duration:', 'waited:', 'claims', 'outcome'],
        files.map(({ file, duration: ms, phases, claims, outcome }) => [
          code(file),
          duration(ms),
          duration(phases.waiting),
          escape(claimsText(claims)),
          outcome,
        ]),
      ),
    )
  if (resources.length > 0)
    blocks.push(
      '### Resources',
      table(
        ['resource', 'instances:', 'files:', 'held:', 'waited:', 'from'],
        resources.map(({ name, instances, files: claimants, busy, waiting, source }) => [
          escape(name),
          String(instances),
          String(claimants),
          `${Math.round(100 * busy)} %`,
          duration(waiting.ms),
          escape(source ?? ''),
        ]),
      ),
    )
  return `${blocks.join('\n\n')}\n`
}

function besideText(beside: readonly Neighbour[]): string {
  if (beside.length === 0) return ' with nothing beside it'
  const others = beside
    .slice(0, MOST_NEIGHBOURS)
    .map(({ file, lane, instances }) => `${code(file)} (lane ${lane}${escape(instancesText(instances))})`)
    .join(', ')
  const left = beside.length - MOST_NEIGHBOURS
  return ` beside ${others}${left > 0 ? ` and ${left} more` : ''}`
}

/** A title that ends in `:` is aligned right. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [
    line(titles.map((title) => title.replace(/:$/, ''))),
    line(titles.map((title) => (title.endsWith(':') ? '---:' : '---'))),
    ...rows.map(line),
  ].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function code(text: string): string {
  // Backslashes escape nothing inside a code span, except a `|` in a table.
  const fence = text.includes('`') ? '``' : '`'
  return `${fence}${text.replaceAll('|', '\\|').replaceAll('\n', ' ')}${fence}`
}

function escape(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|~#]/g, '\\$&').replaceAll('\n', ' ')
}
