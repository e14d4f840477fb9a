import type { Claim, FileRecord, RunRecord } from '@vitest-lanes/core'

export const exclusive = (resource: string): Claim => ({ resource, mode: 'exclusive' })
export const shared = (resource: string): Claim => ({ resource, mode: 'shared' })

type Times = readonly [
  queued: number,
  admitted: number,
  ready: number,
  started: number,
  finished: number,
  exited: number,
  cleaned: number,
]

/** A file that ran. */
export function ran(
  file: string,
  lane: number,
  [queued, admitted, ready, started, finished, exited, cleaned]: Times,
  more: Partial<FileRecord> = {},
): FileRecord {
  return {
    file,
    project: '',
    claims: [],
    outcome: 'passed',
    tests: { passed: 1, failed: 0, skipped: 0, todo: 0 },
    times: { queued, admitted, ready, started, finished, exited, cleaned },
    lane,
    instances: {},
    ...more,
  }
}

export function recordOf(more: Partial<RunRecord> = {}): RunRecord {
  return {
    version: 1,
    run: 'abcdefghij',
    vitestLanes: '0.1.0',
    vitest: '4.1.12',
    node: '20.20.2',
    platform: 'linux x64',
    cores: 2,
    startedAt: '2026-01-02T03:04:05.000Z',
    duration: 1000,
    outcome: 'passed',
    lanes: 2,
    resources: {},
    files: [],
    findings: [],
    ...more,
  }
}

/**
 * Two lanes, one sandbox account, 10 s. By hand:
 *
 * ```
 * lane 1  |a: stripe 0–4 s|c: stripe 4.5–8.5 s    |
 * lane 2  |b: 0–3 s   |d: 3–9.5 s                 |
 * stripe  |a 0–4.5        |c 4.5–9                |
 * ```
 * Durations (ready to finished): a 3.9, b 3, c 3.9, d 6.4; together 17.2 s. Over two lanes 8.6 s; stripe 7.8 s; the
 * longest file 6.4 s: bound by the lanes, 8.6 s, 86 % of 10 s. Waited: c 4.5 s for stripe, d 3 s for a lane.
 */
export const SMALL: RunRecord = recordOf({
  duration: 10_000,
  resources: { stripe: { instances: 1, perLane: false } },
  files: [
    ran('tests/a.test.ts', 1, [0, 0, 100, 300, 4000, 4400, 4500], {
      claims: [exclusive('stripe')],
      instances: { stripe: 1 },
    }),
    ran('tests/b.test.ts', 2, [0, 0, 0, 200, 3000, 3200, 3200]),
    ran('tests/c.test.ts', 1, [0, 4500, 4600, 4800, 8500, 8900, 9000], {
      claims: [exclusive('stripe')],
      instances: { stripe: 1 },
      waitedFor: 'stripe',
    }),
    ran('tests/d.test.ts', 2, [0, 3000, 3100, 3300, 9500, 9900, 9900], {
      waitedFor: 'lane',
      tests: { passed: 4, failed: 0, skipped: 1, todo: 1 },
    }),
  ],
})
