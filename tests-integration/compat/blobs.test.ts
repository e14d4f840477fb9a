import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { inBoth, reported, runReported } from './compare.ts'
import { suite } from './suite.ts'

describe('Blobs', () => {
  test('of shards merge into the same reports, and nothing is started for that', async () => {
    await using project = await createProject(suite())
    const { stock, lanes } = await inBoth(async (env) => {
      // Where Vitest 4 and 5 put them.
      for (const folder of ['.vitest-reports', '.vitest'])
        await rm(join(project.root, folder), { recursive: true, force: true })
      for (const shard of ['1/2', '2/2'])
        await project.vitest(['run', '--reporter=blob', `--shard=${shard}`], { env }).ended
      const run = await runReported(project, ['--merge-reports'], { env })
      return { same: await reported(project, run), run }
    })

    expect(lanes.same).toEqual(stock.same)
    expect(lanes.run.report?.numTotalTests).toBeGreaterThan(0)
    expect(lanes.run.events).toEqual([])
  })
})
