import { fileKey } from '@vitest-lanes/core'
import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import { summary, textReport, timelinePage } from '@vitest-lanes/report'
import { firstPaint } from './first-paint.ts'
import { judge } from './judge.ts'
import { median } from './median.ts'
import { planOfDemo } from './plan.ts'
import type { BenchResult } from './result.ts'

const FILES = 10_000
const LANES = 16
const ROUNDS = 5
const COLUMNS = 80

/** What the reports of a large run cost, and how large the page of a common one is. */
export async function report(): Promise<BenchResult[]> {
  const record = recordOf(FILES)
  const text = timed(
    () => summary(record, { columns: COLUMNS }).length + textReport(record, { columns: COLUMNS }).length,
  )
  const html = timed(() => timelinePage(record).length)
  const page = Math.round(new TextEncoder().encode(timelinePage(recordOf(1000))).length / 1024)
  const paint = await firstPaint(timelinePage(record))
  return [
    judge('report.text-of-10000-files', text, 'ms', 200),
    judge('report.html-of-10000-files', html, 'ms', 1000),
    judge('report.page-of-1000-files', page, 'KB', 300),
    ...(paint === undefined ? [] : [judge('report.first-paint-of-10000-files', paint, 'ms', 1000)]),
    await planOfDemo(),
  ]
}

/** Median in ms. The first round warms up and does not count. */
function timed(work: () => number): number {
  const times = Array.from({ length: ROUNDS + 1 }, () => {
    const begun = performance.now()
    work()
    return performance.now() - begun
  })
  return median(times.slice(1))
}

/** A run of files of 100 ms to 2 s, one in ten with a resource that exists three times, one in a hundred failed. */
function recordOf(count: number): RunRecord {
  const free = Array.from({ length: LANES }, () => 0)
  const instances = [0, 0, 0]
  const files = Array.from({ length: count }, (_, index): FileRecord => {
    const lane = earliest(free)
    const scarce = index % 10 === 0
    const instance = earliest(instances)
    const admitted = Math.max(free[lane]!, scarce ? instances[instance]! : 0)
    const finished = admitted + 100 + ((index * 7919) % 1900)
    free[lane] = finished
    if (scarce) instances[instance] = finished + 60
    return {
      file: `tests/integration/area-${index % 40}/subject-${index}.test.ts`,
      project: 'integration',
      claims: scarce
        ? [{ resource: 'llm', mode: 'exclusive' }]
        : [{ resource: 'postgres', mode: 'exclusive' }],
      outcome: index % 100 === 50 ? 'failed' : 'passed',
      tests: { passed: 5, failed: index % 100 === 50 ? 1 : 0, skipped: 0, todo: 0 },
      times: {
        queued: 0,
        admitted,
        ready: admitted + 5,
        started: admitted + 80,
        collected: admitted + 90,
        finished,
        exited: finished + 50,
        cleaned: finished + 60,
      },
      lane: lane + 1,
      instances: scarce ? { llm: instance + 1 } : { postgres: lane + 1 },
      estimate: finished - admitted,
      cpu: 10 * Math.round((finished - admitted) / 50),
      stalled: index % 90,
      ...(index % 100 === 50
        ? { failedTests: [{ name: 'a suite > a test', from: admitted + 90, to: finished - 1 }] }
        : {}),
      ...(admitted > 0 ? { waitedFor: scarce ? 'llm' : 'lane' } : {}),
    }
  })
  return {
    version: 1,
    run: 'abcdefghij',
    vitestLanes: '0.1.0',
    vitest: '4.1.12',
    node: '20.20.2',
    platform: 'linux x64',
    cores: 4,
    startedAt: '2026-01-01T00:00:00.000Z',
    duration: Math.max(...free) + 100,
    outcome: 'failed',
    lanes: LANES,
    resources: {
      llm: { instances: 3, perLane: false },
      postgres: { instances: 2 * LANES, perLane: true, source: 'native postgres 15.18' },
    },
    files,
    findings: files
      .filter((_, index) => index % 50 === 7)
      .map((file) => ({
        kind: 'undeclared-use',
        message: `${fileKey(file)} used redis undeclared`,
        file: file.file,
      })),
  }
}

function earliest(times: readonly number[]): number {
  return times.indexOf(Math.min(...times))
}
