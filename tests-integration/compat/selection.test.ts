import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ALONE, SEQUENTIAL } from '@vitest-lanes/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import type { Project } from '../support/project.ts'
import { expectSame, inBoth } from './compare.ts'
import { FULL } from './leg.ts'
import { suite } from './suite.ts'

let project: Project
beforeAll(async () => {
  project = await createProject(suite())
})
afterAll(() => project[Symbol.asyncDispose]())

const LISTS = FULL ? ['', ' --json', ' --filesOnly', ' --json --filesOnly', ' -t is'] : [' --json']
const GREEN = ['tests/one', 'tests/tagged', 'tests/only']

describe('Choosing tests', () => {
  test('--changed runs what depends on what git says has changed', async () => {
    await using project = await createProject({ ...suite(), '.gitignore': 'node_modules\n' })
    await git(project, 'init', '--quiet')
    await commit(project, 'first')
    await project.write({ 'src/sum.ts': 'export const sum = (a, b) => a + b\n' })
    const uncommitted = await expectSame(project, ['--changed'])
    await commit(project, 'second')
    const committed = await expectSame(project, ['--changed=HEAD~1'])

    for (const { report } of [uncommitted, committed]) {
      const paths = report?.testResults.map(({ name }) => name.slice(project.root.length + 1))
      // Vitest 5 takes a file whose imports cannot be found for one that may depend on anything.
      expect(paths?.filter((path) => path !== 'tests/broken.test.ts')).toEqual(['tests/box/ends.test.ts'])
    }
  })

  test.runIf(FULL)('--bail stops a file at its first failure', async () => {
    const run = await expectSame(project, ['--bail=1', 'tests/box/fails'])
    expect(run.report?.numFailedTests).toBe(1)
  })

  test('--list-tags has the tags of plain Vitest, and the resources', async () => {
    const { stock, lanes } = await inBoth((env) => project.vitest(['--list-tags'], { env }).ended)

    expect([lanes.code, stock.code]).toEqual([0, 0])
    const [plain, ours] = [stock, lanes].map(({ stdout }) => stdout.split('\n').map((line) => line.trim()))
    expect(ours).toEqual(expect.arrayContaining(plain!))
    const added = ours!.filter((line) => !plain!.includes(line)).map((line) => line.split(':')[0])
    expect(added).toEqual(
      ['box', 'one']
        .flatMap((name) => [name, `${name}/exclusive`, `${name}/shared`])
        .concat(SEQUENTIAL, ALONE, 'unsplit'),
    )
  })

  test.each(LISTS)('vitest list%s lists the same, and leaves no record', async (options) => {
    const args = options.split(' ').filter((option) => option !== '')
    const { stock, lanes } = await inBoth((env) => project.vitest(['list', ...GREEN, ...args], { env }).ended)

    expect(lanes.code).toBe(stock.code)
    expect(sorted(lanes.stdout)).toEqual(sorted(stock.stdout))
    expect(lanes.stdout).toContain('only.test.ts')
    expect(lanes.record).toBeUndefined()
  })
})

/** Its files are listed in any order. */
function sorted(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/,$/, ''))
    .sort()
}

async function commit(project: Project, message: string): Promise<void> {
  await git(project, 'add', '--all')
  await git(project, '-c', 'user.name=N', '-c', 'user.email=n@localhost', 'commit', '--quiet', '-m', message)
}

async function git({ root }: Project, ...args: readonly string[]): Promise<void> {
  await promisify(execFile)('git', ['-c', 'commit.gpgsign=false', ...args], { cwd: root })
}
