import { describe, expect, test } from 'vitest'
import { jsonReport, markdownReport, textReport, timelinePage } from '@vitest-lanes/report'
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

test('a run that used all of its CPU is not said to gain by more lanes', () => {
  const files = SMALL.files.map((file) => ({ ...file, cpu: 4500 }))
  const busy = 'The CPU that the files use takes 9.0 s on all cores of this machine: more lanes bring little.'
  expect(textReport({ ...SMALL, files })).toContain(`\n\n${busy}\n\n`)
  expect(markdownReport({ ...SMALL, files })).toContain(`**${busy}**`)
  expect(timelinePage({ ...SMALL, files })).toContain(busy)
  expect(textReport(SMALL)).not.toContain('CPU')
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

describe('a finding of any kind', () => {
  const record = recordOf({
    files: [SMALL.files[0]!],
    findings: [
      {
        kind: 'made-up-tomorrow',
        message: 'Something\nis left.',
        resource: 'mail',
        file: 'tests/a.test.ts',
        test: 'mail > sends',
        place: 'src/mail.ts:12',
      },
      { kind: 'another', message: 'It is slow.', file: 'tests/gone.test.ts' },
      { kind: 'without-a-file', message: 'A server was not found.' },
    ],
  })

  test('is one line in the text, with its file, its test and its line of code', () => {
    expect(textReport(record)).toContain(
      `Findings
  tests/a.test.ts > mail > sends: Something is left (src/mail.ts:12)
  tests/gone.test.ts: It is slow.
  A server was not found.
`,
    )
  })

  test('is one item in the Markdown', () => {
    expect(markdownReport(record)).toContain(
      `- tests/a.test.ts \\> mail \\> sends: Something is left (src/mail.ts:12)
- tests/gone.test.ts: It is slow.
- A server was not found.
`,
    )
  })

  test('is one row on the page, with a link to its file where the run had that', () => {
    const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(timelinePage(record))![1]!
    expect((JSON.parse(data) as { findings: unknown }).findings).toEqual([
      {
        kind: 'made-up-tomorrow',
        message: 'mail > sends: Something is left (src/mail.ts:12)',
        file: 0,
        resource: 'mail',
      },
      { kind: 'another', message: 'tests/gone.test.ts: It is slow.', file: -1, resource: '' },
      { kind: 'without-a-file', message: 'A server was not found.', file: -1, resource: '' },
    ])
  })

  test('is in the JSON as the record has it', () => {
    expect(JSON.parse(jsonReport(record))).toMatchObject({ findings: record.findings })
  })

  test('is cut off after twenty in the text, which says so', () => {
    const findings = Array.from({ length: 30 }, (_, index) => ({ kind: 'x', message: `Number ${index}` }))
    const text = textReport(recordOf({ files: [SMALL.files[0]!], findings }))
    expect(text).toContain('Findings (20 of 30)')
    expect(text).not.toContain('Number 20')
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
        lane: 1,
        instances: { stripe: 1 },
        error: 'The worker died: SIGSEGV',
        beside: [{ file: 'tests/d.test.ts', lane: 2, instances: { postgres: 1 }, overlap: 4400 }],
        tests: [
          {
            name: 'refunds > gives back once',
            from: 5300,
            to: 5800,
            beside: [{ file: 'tests/d.test.ts', lane: 2, instances: { postgres: 1 }, overlap: 500 }],
          },
          {
            name: 'refunds > by hand',
            from: 9950,
            to: 9990,
            beside: [],
          },
        ],
      },
    ])
  })
})
