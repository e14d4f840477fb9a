import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { expectSame } from './compare.ts'
import { suite } from './suite.ts'

const POOLS = ['forks', 'threads', 'vmForks', 'vmThreads'] as const
const CELLS = POOLS.flatMap((pool) => [true, false].map((isolate) => ({ pool, isolate })))

test.each(CELLS)(
  'in $pool with isolate $isolate, files end as in plain Vitest',
  async ({ pool, isolate }) => {
    await using project = await createProject(suite(`{ pool: '${pool}', isolate: ${isolate} }`))
    const run = await expectSame(project)
    expect(run.code).toBe(1)
    expect(run.record?.files.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(3)
  },
)
