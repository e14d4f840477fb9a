import { describe, expect, test } from 'vitest'
import { jsonReport, markdownReport, textReport, traceReport } from '@vitest-lanes/report'
import { FULL } from './support/full.ts'
import { SMALL, recordOf } from './support/record.ts'

describe('the text report', () => {
  test.each([60, 80, 160])('fits into %i columns', async (columns) => {
    const text = textReport(FULL, { columns })
    expect(text.split('\n').filter((line) => line.length > columns)).toEqual([])
    await expect(text).toMatchFileSnapshot(`./golden/report-${columns}.txt`)
  })

  test('of a run without files is its headline alone', () => {
    expect(textReport(recordOf())).toBe(
      '2026-01-02 03:04:05 · passed · Vitest 4.1.12 · Node 20.20.2 · linux x64, 2 cores\n',
    )
  })
})

describe('the Markdown report', () => {
  test('says what the text report says', async () => {
    await expect(markdownReport(FULL)).toMatchFileSnapshot('./golden/markdown.txt')
  })

  test('lets no name or message break out of its place', () => {
    const [file] = SMALL.files
    const markdown = markdownReport(
      recordOf({
        files: [{ ...file!, file: 'tests/a|b`c.test.ts' }],
        findings: [{ kind: 'x', message: '<img src=x> | *bold*\n# title' }],
      }),
    )
    expect(markdown).toContain('| ``tests/a\\|b`c.test.ts`` |')
    expect(markdown).toContain('- \\<img src=x\\> \\| \\*bold\\* \\# title')
  })
})

describe('the trace', () => {
  interface Event {
    readonly name: string
    readonly ph: string
    readonly pid: number
    readonly tid: number
    readonly ts?: number
    readonly dur?: number
    readonly args: Readonly<Record<string, unknown>>
  }
  const { traceEvents } = JSON.parse(traceReport(FULL)) as { traceEvents: readonly Event[] }
  const spans = traceEvents.filter(({ ph }) => ph === 'X')

  test('has a track for each lane and each instance, by name', () => {
    const tracks = traceEvents.filter(({ name }) => name === 'thread_name')
    expect(tracks.map(({ pid, tid, args }) => [pid, tid, args['name']])).toEqual([
      [1, 1, 'lane 1'],
      [1, 2, 'lane 2'],
      [2, 1, 'postgres 1'],
      [2, 2, 'stripe 1'],
    ])
  })

  test('has each file in its lane, in microseconds, with its phases inside', () => {
    const lane = spans.filter(({ pid, tid }) => pid === 1 && tid === 1)
    expect(lane.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
      ['tests/a.test.ts', 0, 4_000_000],
      ['opening', 0, 100_000],
      ['starting', 100_000, 200_000],
      ['running', 300_000, 3_700_000],
      ['tests/c.test.ts', 4_500_000, 4_000_000],
      ['opening', 4_500_000, 100_000],
      ['starting', 4_600_000, 200_000],
      ['running', 4_800_000, 3_700_000],
    ])
  })

  test('has no two spans on a track that overlap without one inside the other', () => {
    for (const a of spans)
      for (const b of spans) {
        if (a === b || a.pid !== b.pid || a.tid !== b.tid) continue
        const [from, to] = [a.ts!, a.ts! + a.dur!]
        const [begin, end] = [b.ts!, b.ts! + b.dur!]
        const nested = (begin >= from && end <= to) || (from >= begin && to <= end)
        expect(end <= from || begin >= to || nested, `${a.name} and ${b.name}`).toBe(true)
      }
  })

  test('has holders that share an instance as asynchronous pairs', () => {
    const shared = traceEvents.filter(({ ph }) => ph === 'b' || ph === 'e')
    expect(shared.map(({ name, ph, ts }) => [name, ph, ts])).toEqual([
      ['tests/b.test.ts', 'b', 0],
      ['tests/b.test.ts', 'e', 3_200_000],
      ['tests/d.test.ts', 'b', 3_000_000],
      ['tests/d.test.ts', 'e', 9_900_000],
    ])
  })
})

/** Names and kinds of values, whatever they are: what a reader of the JSON relies on. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
}

describe('the JSON report', () => {
  test('has the fields that its readers rely on', () => {
    expect(shape(JSON.parse(jsonReport(FULL)))).toMatchSnapshot()
  })

  test('lists failed files with what ran beside them', () => {
    const { failures } = JSON.parse(jsonReport(FULL)) as { failures: unknown }
    expect(failures).toEqual([
      {
        file: 'tests/c.test.ts',
        error: 'The worker died: SIGSEGV',
        beside: [{ file: 'tests/d.test.ts', lane: 2, instances: { postgres: 1 }, overlap: 4400 }],
      },
    ])
  })
})
