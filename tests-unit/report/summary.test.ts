import { describe, expect, test } from 'vitest'
import { summary } from '@vitest-lanes/report'
import { SMALL, ran, recordOf } from './support/record.ts'

const FINDINGS = [
  { kind: 'bullmq-open', message: 'tests/mail.test.ts left a BullMQ worker open' },
  { kind: 'undeclared', message: 'tests/a.test.ts used postgres undeclared' },
]

const FULL = recordOf({
  ...SMALL,
  outcome: 'failed',
  findings: FINDINGS,
  files: SMALL.files.map((file, index) =>
    index === 2 ? { ...file, outcome: 'failed', tests: { passed: 0, failed: 1, skipped: 0, todo: 0 } } : file,
  ),
})

describe('the summary', () => {
  test.each([60, 80, 160])('fits into %i columns', (columns) => {
    const lines = summary(FULL, { timeline: '.vitest-lanes/timeline.html', columns })
    expect(lines.length).toBeLessThanOrEqual(5)
    expect(lines.every((line) => line.length <= columns)).toBe(true)
    expect(lines.join('\n')).toMatchSnapshot()
  })

  test('is as wide as it likes where there is no width', () => {
    expect(summary(SMALL, { path: '.vitest-lanes/run.json' })).toEqual([
      '2 lanes · 4 files · 10.0 s instead of 17.2 s one after another (1.7×) · 86 % of what is possible',
      'bound by 2 lanes: 17.2 s of work',
      'record  .vitest-lanes/run.json',
    ])
  })

  test('keeps the end of a long path that bounds the run', () => {
    const long = ran(`tests/${'deep/'.repeat(20)}worker.test.ts`, 1, [0, 0, 0, 0, 900, 900, 900])
    const other = ran('b', 2, [0, 0, 0, 0, 10, 10, 10])
    const [, bound] = summary(recordOf({ files: [long, other] }), { columns: 60 })
    expect(bound).toMatch(/^bound by ….*worker\.test\.ts \(900 ms\): the longest file$/)
    expect(bound).toHaveLength(60)
  })

  test('says how many files did not run', () => {
    const { lane: _, ...waiting } = SMALL.files[3]!
    const files = [
      ...SMALL.files.slice(0, 3),
      { ...waiting, outcome: 'cancelled' as const, times: { queued: 0 } },
    ]
    expect(summary(recordOf({ ...SMALL, files }))[0]).toContain('3 files')
    expect(summary(recordOf({ ...SMALL, files }))[0]).toContain('1 file did not run')
  })

  test('names the file of a finding whose sentence does not, and tells findings that are alike once', () => {
    const rows = { kind: 'postgres-rows-left', message: 'Rows left in postgres.' }
    const findings = [
      { ...rows, file: 'tests/a.test.ts', test: 'pays', place: 'src/pay.ts:3' },
      { ...rows, file: 'tests/b.test.ts' },
      { kind: 'of-a-provider-of-somebody', message: 'mail\n  is full', resource: 'mail' },
      { kind: 'undeclared', message: 'tests/a.test.ts used redis.', file: 'tests/a.test.ts' },
    ]
    expect(summary({ ...SMALL, findings })[2]).toBe(
      '4 findings: tests/a.test.ts: Rows left in postgres (and 1 more) · mail is full · tests/a.test.ts used redis',
    )
  })

  test('is empty where no file was run in lanes', () => {
    expect(summary(recordOf())).toEqual([])
  })

  test('of one file speaks of no bound', () => {
    expect(summary(recordOf({ duration: 3300, files: [SMALL.files[1]!] }))).toEqual([
      '2 lanes · 1 file · 3.3 s',
    ])
  })
})
