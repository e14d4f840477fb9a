import { suspectsOf, type FileRecord, type RunRecord } from '@vitest-lanes/core'
import { expect, test } from 'vitest'

const TARGET = { file: 'victim', name: 'works' }

/** A file in a lane from one time to another, in ms. */
function ran(file: string, from: number, to: number, more: Partial<FileRecord> = {}): FileRecord {
  return {
    file,
    project: '',
    claims: [],
    outcome: 'passed',
    tests: { passed: 1, failed: 0, skipped: 0, todo: 0 },
    times: { queued: 0, admitted: from, started: from, finished: to, exited: to, cleaned: to },
    lane: 1,
    ...more,
  }
}

/** The victim from 100 to 200, with its failing test from 150 to 160. */
function victim(failed = true, more: Partial<FileRecord> = {}): FileRecord {
  const failure = { failedTests: [{ name: 'works', from: 150, to: 160 }], outcome: 'failed' as const }
  return ran('victim', 100, 200, { ...(failed ? failure : {}), ...more })
}

function recordOf(...files: readonly FileRecord[]): RunRecord {
  return {
    version: 1,
    run: 'r',
    vitestLanes: '',
    vitest: '',
    node: '',
    platform: '',
    cores: 2,
    startedAt: '2026-01-01T00:00:00.000Z',
    duration: 1000,
    outcome: 'failed',
    lanes: 4,
    resources: {},
    files,
    findings: [],
  }
}

const weights = (options: Parameters<typeof suspectsOf>[0]): Record<string, number> =>
  Object.fromEntries(suspectsOf(options).map(({ id, weight }) => [id, weight]))

test('suspects are the files that had begun when the test ended, in that order, with where they were', () => {
  const record = recordOf(
    ran('after', 160, 300),
    ran('beside', 90, 140),
    ran('later beside', 155, 300),
    ran('first', 0, 100),
    victim(),
  )
  const found = suspectsOf({ record, target: TARGET }).map(({ id, relation }) => [id, relation])
  expect(found).toEqual([
    ['first', 'before'],
    ['beside', 'beside'],
    ['later beside', 'beside'],
  ])
})

test('files that are gone are no suspects', () => {
  const record = recordOf(ran('a', 0, 50), ran('b', 0, 50), victim())
  expect(suspectsOf({ record, target: TARGET, present: (file) => file !== 'a' })).toMatchObject([{ id: 'b' }])
})

test('what shares a resource, and an instance, is likelier', () => {
  const redis = [{ resource: 'redis', mode: 'exclusive' as const }]
  const record = recordOf(
    ran('same instance', 0, 50, { claims: redis, instances: { redis: 2 } }),
    ran('other instance', 0, 50, { claims: redis, instances: { redis: 1 } }),
    ran('nothing', 0, 50),
    victim(true, { claims: redis, instances: { redis: 2 } }),
  )
  const found = weights({ record, target: TARGET })
  expect(found['same instance']).toBeGreaterThan(found['other instance']!)
  expect(found['other instance']).toBeGreaterThan(found['nothing']!)
})

test('what was there when it failed in other runs, and not when it passed, is likelier', () => {
  const record = recordOf(ran('a', 0, 50), ran('b', 0, 50), victim())
  const others = [recordOf(ran('a', 0, 50), victim()), recordOf(victim(false), ran('b', 0, 50))]
  const found = weights({ record, target: TARGET, others })
  expect(found['a']).toBeGreaterThan(10 * found['b']!)
})

test('however many runs speak against a file, it stays a suspect', () => {
  const record = recordOf(ran('a', 0, 50), victim())
  const others = Array.from({ length: 500 }, () => recordOf(ran('a', 0, 50), victim(false)))
  expect(weights({ record, target: TARGET, others })['a']).toBeGreaterThan(0.01)
})

test('what is known to touch the same things is likelier', () => {
  const record = recordOf(ran('a', 0, 50), ran('b', 0, 50), victim())
  const found = weights({ record, target: TARGET, collides: (file) => file === 'a' })
  expect(found['a']).toBeGreaterThan(4 * found['b']!)
})
