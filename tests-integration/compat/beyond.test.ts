import { describe, expect, test } from 'vitest'
import { recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import { file } from '../support/sources.ts'
import { expectSame } from './compare.ts'

/** A project with a pool of the user's own, beside one in lanes; what the former's files claim. */
const configuration = (claims: string): string => `
  import { lanes } from 'vitest-lanes'
  import { ForksPoolWorker } from 'vitest/node'
  import { told } from './provider.ts'
  const theirs = { name: 'theirs', createPoolWorker: (options) => new ForksPoolWorker(options) }
  const plugin = lanes({ lanes: 2, resources: { box: told('box') }, files: { '**': ['box'], 'theirs/**': ${claims} } })
  export default {
    plugins: process.env.STOCK === undefined ? [plugin] : [],
    test: {
      maxWorkers: 2,
      projects: [
        { extends: true, test: { name: 'ours', include: ['ours/**/*.test.ts'] } },
        { extends: true, test: { name: 'theirs', include: ['theirs/**/*.test.ts'], pool: theirs } },
      ],
    },
  }
`
const FILES = {
  'ours/a.test.ts': file(''),
  'theirs/a.test.ts': file('expect(process.env.BOX_URL).toBeUndefined()'),
  'theirs/b.test.ts': file('expect(1).toBe(2)'),
}

describe('What lanes cannot reach', () => {
  test('a pool of the user runs its files as before', async () => {
    await using project = await createProject({ ...FILES, 'vitest.config.ts': configuration('[]') })
    const run = await expectSame(project)

    expect(recorded(run)).toEqual({ 'ours/a.test.ts': 'passed' })
    expect(run.report?.numFailedTests).toBe(1)
  })

  test('a file there that claims something is refused at the start, with a code', async () => {
    await using project = await createProject({ ...FILES, 'vitest.config.ts': configuration("['box']") })
    const run = await project.run()

    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(
      /LanesError: `theirs\/[ab]\.test\.ts` claims `box`, but its project `theirs` runs in the pool `theirs`, outside of lanes\.\n.*`\[\]`\.\n {2}\[LANES_CLAIM_BEYOND\]/,
    )
    expect(run.events).toEqual([])
  })
})
