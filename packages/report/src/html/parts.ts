import { fileKey, runsOf } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import type { Analysis } from '../analysis/analyse.ts'
import { duration } from '../duration.ts'
import { capital } from '../text/capital.ts'
import { count } from '../text/count.ts'
import { linkReason } from '../text/describe.ts'
import { boundSentence, changePhrase, cpuSentence, gainSentence } from '../text/sentences.ts'
import { escapeHtml } from './escape.ts'

const MOST_GAINS = 3
const MOST_LINKS = 8

/** The figures of a run, each in a tile. */
export function tiles({ figures, findings }: Analysis): string {
  const { files, notRun, tests, wall, oneByOne, speedUp, percent, lanes, waited, failed } = figures
  const all: [title: string, value: string, detail: string, tone?: string][] = [
    ['wall time', duration(wall), `${duration(oneByOne)} one after another`],
    ['speed-up', `${speedUp.toFixed(1)}×`, `in ${count(lanes, 'lane')}`],
    ['of what is possible', `${percent} %`, `no order takes less than ${duration(figures.bound.ms)}`],
    [
      'files',
      number(files),
      notRun > 0 ? `${notRun} did not run` : failed > 0 ? `${failed} failed` : 'all ran',
      failed > 0 ? 'bad' : '',
    ],
    [
      'tests',
      number(tests.passed + tests.failed),
      [
        tests.failed > 0 ? `${tests.failed} failed` : 'none failed',
        ...(tests.skipped > 0 ? [`${tests.skipped} skipped`] : []),
      ].join(', '),
      tests.failed > 0 ? 'bad' : '',
    ],
    ['waited', duration(waited), 'all files together'],
    ['findings', String(findings.length), findings.length === 0 ? 'nothing to tell' : 'see below'],
  ]
  return all
    .map(
      ([title, value, detail, tone = '']) =>
        `<div class="tile ${tone}"><span class="title">${escapeHtml(title)}</span><strong>${escapeHtml(value)}</strong><span class="detail">${escapeHtml(detail)}</span></div>`,
    )
    .join('')
}

function number(value: number): string {
  return value.toLocaleString('en')
}

/** What would shorten the run most, in one sentence; the next best in a list. */
export function gainBox({ gains, figures, cpuBound }: Analysis): string {
  const sentence =
    gainSentence(gains[0]) ??
    cpuSentence(cpuBound, figures.wall) ??
    'No more lanes or instances, and no shorter file, would end this run sooner.'
  const before = gains[0]?.before ?? 0
  const bars = gains.slice(0, MOST_GAINS).map(({ change, after }) => bar(changePhrase(change), after, before))
  const bound = boundSentence(figures.bound)
  return `<section class="box gain" aria-labelledby="gain-title"><h2 id="gain-title">What would shorten it most</h2>
<p class="sentence">${escapeHtml(sentence)}</p>
${bars.length === 0 ? '' : `<div class="gains">${bar('as it is', before, before, 'now')}${bars.join('')}</div>`}
<p class="detail">${escapeHtml(`${capital(bound)}.`)}</p></section>`
}

function bar(title: string, ms: number, most: number, tone = ''): string {
  const part = most > 0 ? Math.round((100 * ms) / most) : 100
  return `<span>${escapeHtml(title)}</span><b class="${tone}" style="--part:${part}">${duration(ms)}</b>`
}

/** The files that follow one another up to the end of the run, the last of them where they are many. */
export function chainList({ chain }: Analysis, record: RunRecord): string {
  if (chain.length === 0) return ''
  const runs = record.files.flatMap(runsOf)
  const places = new Map(runs.map((file, index) => [fileKey(file), index]))
  const oneProject = new Set(record.files.map(({ project }) => project)).size <= 1
  const links = chain.slice(-MOST_LINKS).map((link) => {
    const reason = linkReason(link)
    const place = places.get(link.file) ?? -1
    return `<li><a class="pick" href="#file=${encodeURIComponent(link.file)}" data-file="${place}">${escapeHtml(oneProject ? (runs[place]?.file ?? link.file) : link.file)}</a> <span class="detail">${duration(link.duration)}${reason === '' ? '' : escapeHtml(`, after ${reason}`)}</span></li>`
  })
  const left = chain.length - links.length
  return `<section class="box" aria-labelledby="chain-title"><h2 id="chain-title">The chain that bounds the run</h2>
<p class="detail">Each began when the one before gave back its lane or instance${left > 0 ? `; the last ${links.length} of ${chain.length}` : ''}.</p><ol>${links.join('')}</ol></section>`
}
