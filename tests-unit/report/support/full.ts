import { SMALL, recordOf, shared } from './record.ts'

/** The small record with a failure, findings, a shared resource and a file that did not run. */
export const FULL = recordOf({
  ...SMALL,
  outcome: 'failed',
  resources: {
    ...SMALL.resources,
    postgres: { instances: 4, perLane: true, source: 'native postgres 15.18' },
  },
  findings: [
    {
      kind: 'bullmq-open',
      message: 'tests/mail.test.ts left a BullMQ worker open',
      file: 'tests/mail.test.ts',
    },
    { kind: 'undeclared', message: 'tests/a.test.ts used postgres undeclared', file: 'tests/a.test.ts' },
  ],
  files: [
    ...SMALL.files.map((file) =>
      file.file === 'tests/c.test.ts'
        ? {
            ...file,
            outcome: 'failed' as const,
            tests: { passed: 0, failed: 1, skipped: 0, todo: 0 },
            error: 'The worker died: SIGSEGV',
            times: { ...file.times, collected: 5200 },
            cpu: 1250,
            failedTests: [
              { name: 'refunds > gives back once', from: 5300, to: 5800 },
              { name: 'refunds > by hand', from: 9950, to: 9990 },
            ],
          }
        : file.file === 'tests/d.test.ts' || file.file === 'tests/b.test.ts'
          ? { ...file, claims: [shared('postgres')], instances: { postgres: 1 }, cpu: 900, stalled: 40 }
          : file,
    ),
    {
      file: 'tests/e.test.ts',
      project: 'api',
      claims: [],
      outcome: 'cancelled',
      tests: { passed: 0, failed: 0, skipped: 0, todo: 0 },
      times: { queued: 0 },
    },
  ],
})
