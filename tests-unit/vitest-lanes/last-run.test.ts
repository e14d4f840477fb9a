import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RunRecord } from '@vitest-lanes/core'
import { expect, onTestFinished, test } from 'vitest'
import { lastRunOf } from '../../packages/vitest-lanes/src/cli/plan/last-run.ts'
import { ran, recordOf } from '../report/support/record.ts'

async function last(record: RunRecord, estimates: Readonly<Record<string, number>>) {
  const root = await mkdtemp(path.join(tmpdir(), 'vl-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await mkdir(path.join(root, '.vitest-lanes', 'runs'), { recursive: true })
  await writeFile(path.join(root, '.vitest-lanes', 'runs', '1.json'), JSON.stringify(record))
  const planned = Object.entries(estimates).map(([file, estimate]) => ({
    file,
    project: '',
    claims: [],
    estimate,
    failedLast: false,
  }))
  return lastRunOf(root, planned)
}

test('what files in parts waited for a core is known, too: the last run was no slower than others', async () => {
  // Each waited half of its time for a core.
  const whole = ran('a.test.ts', 1, [0, 0, 0, 0, 2_000, 2_000, 2_000], { cpu: 500, stalled: 1_000 })
  const part = { tests: 1, times: whole.times, instances: {}, cpu: 250, stalled: 500 }
  const inParts = ran('b.test.ts', 1, [0, 0, 0, 0, 2_000, 2_000, 2_000], {
    cpu: 500,
    parts: [
      { ...part, lane: 1 },
      { ...part, lane: 2 },
    ],
  })

  const found = await last(recordOf({ files: [whole, inParts] }), { 'a.test.ts': 1_000, 'b.test.ts': 1_000 })

  expect(found.pace).toBe(1)
  expect(found.contention).toEqual({ lanes: 2, perCpu: 2 })
  expect([...found.cpu.values()]).toEqual([500, 500])
})
