import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { expectSame } from './compare.ts'
import { suite } from './suite.ts'

const POOLS = ['forks', 'threads', 'vmForks', 'vmThreads'] as const
const CELLS = POOLS.flatMap((pool) => [true, false].map((isolate) => [pool, isolate] as const))

describe('Pools', () => {
  test.each(CELLS)('%s with isolate %s: every way in which files end', async (pool, isolate) => {
    await using project = await createProject(suite(`{ pool: '${pool}', isolate: ${isolate} }`))
    // In a worker that has run a file before, Vitest lets a test exit, in whatever order files come (4.1.12).
    const run = await expectSame(project, isolate ? [] : ['--exclude=tests/exits.test.ts'])
    expect(run.code).toBe(1)
    expect(run.record?.files.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(3)
  })
})
