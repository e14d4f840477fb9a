import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import type { Project, RunOptions } from '../support/project.ts'
import { expectSame, inBoth } from './compare.ts'
import { FULL } from './leg.ts'
import { suite } from './suite.ts'

let project: Project
beforeAll(async () => {
  project = await createProject(suite())
})
afterAll(() => project[Symbol.asyncDispose]())

const GREEN = ['tests/one', 'tests/tagged', 'tests/only']

const SAME: [what: string, args: readonly string[], options?: RunOptions][] = [
  ['filters by path', ['tests/one', 'tagged']],
  ['-t', ['-t', 'passes']],
  ['a file and a line', ['tests/tagged.test.ts:3']],
  ['--tags-filter', ['--tags-filter=slow', 'tests/tagged']],
  ['--testTimeout', ['--testTimeout=20000', 'tests/box']],
  ['--retry', ['--retry=1', 'tests/box']],
  ['--sequence.shuffle with a seed', ['--sequence.shuffle', '--sequence.seed=7', ...GREEN]],
  ['--sequence.concurrent', ['--sequence.concurrent', ...GREEN]],
  ['--no-file-parallelism', ['--no-file-parallelism', ...GREEN]],
  ['--maxWorkers', ['--maxWorkers=2', ...GREEN]],
  ['VITEST_MAX_WORKERS', GREEN, { env: { VITEST_MAX_WORKERS: '2' } }],
  ['--silent', [...GREEN, '--silent']],
  ['--no-color', ['--no-color', ...GREEN]],
  ['--hideSkippedTests', ['--hideSkippedTests', ...GREEN]],
  ['--passWithNoTests', ['--passWithNoTests', ...GREEN]],
  ['--allowOnly=false', ['--allowOnly=false', ...GREEN]],
  ['--dangerouslyIgnoreUnhandledErrors', ['--dangerouslyIgnoreUnhandledErrors', 'unhandled']],
  ['--expect.requireAssertions', ['--expect.requireAssertions', ...GREEN]],
  ['--exclude', ['--exclude=tests/{box,one}/**', '--exclude=tests/{broken,exits,unhandled}*']],
  ['--dir', ['--dir=tests/one']],
  ['--logHeapUsage', ['--logHeapUsage', ...GREEN]],
  ['--update', ['tests/one', '--update']],
]

/** What another of them goes through as well. */
const RARE = new Set([
  'VITEST_MAX_WORKERS',
  '--silent',
  '--no-color',
  '--hideSkippedTests',
  '--passWithNoTests',
  '--allowOnly=false',
  '--expect.requireAssertions',
  '--dir',
  '--logHeapUsage',
])

describe('Options', () => {
  test.each(SAME.filter(([what]) => FULL || !RARE.has(what)))('%s', async (_, args, options) => {
    const run = await expectSame(project, args, options)
    expect(run.record?.files.length).toBeGreaterThan(0)
  })

  test('no test to run: the same exit status', async () => {
    const { stock, lanes } = await inBoth((env) => project.run(['no-such-file'], { env }))
    expect([lanes.code, stock.code]).toEqual([1, 1])
    expect((await project.run(['no-such-file', '--passWithNoTests'])).code).toBe(0)
  })

  test('`vitest related` chooses the same files', async () => {
    const { stock, lanes } = await inBoth(related)
    expect(lanes).toEqual(stock)
    // Vitest 5 takes a file whose imports cannot be found for one that may depend on anything.
    expect(lanes.files.filter((line) => !line.includes('tests/broken.test.ts'))).toHaveLength(1)
  })
})

async function related(
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; files: string[] }> {
  const args = ['related', '--run', 'src/sum.ts', '--reporter=json', '--outputFile.json=related.json']
  const { code } = await project.vitest(args, { env }).ended
  const report = JSON.parse((await project.read('related.json')) ?? '{}') as {
    testResults?: { name: string; status: string }[]
  }
  return { code, files: (report.testResults ?? []).map(({ name, status }) => `${name} ${status}`).sort() }
}
