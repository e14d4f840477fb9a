import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Project } from '../support/project.ts'
import { startProcess } from '../support/vitest-process.ts'
import { bisected, oneAfterTheOther, putRecord } from './support/bisect.ts'
import { lanesCommand, projectWith, put } from './support/command.ts'

const MAIN = fileURLToPath(new URL('../../packages/vitest-lanes/dist/cli/main.js', import.meta.url))

const HARMLESS = `
import { expect, test } from 'vitest'
test('adds', () => expect(1 + 1).toBe(2))
test('adds more', () => expect(2 + 2).toBe(4))`

/** Leaves fake timers in the worker, which the next file of the worker gets. */
const LEAK = `
import { expect, test, vi } from 'vitest'
test('reads the clock', () => expect(Date.now()).toBeGreaterThan(0))
test('travels in time', () => {
  vi.useFakeTimers()
  globalThis.leaked = setTimeout
  expect(vi.isFakeTimers()).toBe(true)
})
test('is done', () => expect(true).toBe(true))`

const VICTIM = `
import { describe, expect, test } from 'vitest'
const setTimeout = globalThis.leaked ?? globalThis.setTimeout
describe('a queue', () => {
  test('is drained', () => new Promise((done) => setTimeout(done, 5)), 300)
  test('is empty', () => expect([]).toEqual([]))
})`

const NAME = 'a queue > is drained'
const FILES = ['a', 'b', 'leak', 'c', 'victim'].map((name) => `tests/${name}.test.ts`)

/** What an audit of it would leave, had the two a Redis in common. */
const FOOTPRINTS = {
  version: 1,
  files: ['tests/leak.test.ts', 'tests/victim.test.ts'].map((file) => ({
    file,
    project: '',
    outcome: 'passed',
    claims: [],
    resources: { redis: [{ kind: 'key', name: 'session:*', mode: 'write' }] },
    machine: [],
    unseen: [],
  })),
}

/** A suite without the plugin, whose files share one worker. */
function suite(): Promise<Project> {
  return projectWith({
    'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
export default defineConfig({ test: { isolate: false, pool: 'threads', fileParallelism: false } })`,
    ...Object.fromEntries(FILES.map((file) => [file, HARMLESS])),
    'tests/leak.test.ts': LEAK,
    'tests/victim.test.ts': VICTIM,
  })
}

describe('bisect', () => {
  let project: Project
  beforeAll(async () => {
    project = await suite()
    await putRecord(project, oneAfterTheOther(FILES, NAME))
    await put(project, '.vitest-lanes/footprints.json', JSON.stringify(FOOTPRINTS))
  })
  afterAll(async () => project[Symbol.asyncDispose]())

  test('names the file, and its test, that must have run before, and a command that repeats it', async () => {
    const { code, report } = await bisected(project, [`tests/victim.test.ts > ${NAME}`, '--fresh'])
    expect(report).toMatchObject({
      kind: 'found',
      sentence: `tests/victim.test.ts > ${NAME} fails when tests/leak.test.ts > travels in time has run before it.`,
      causes: [{ relation: 'before', files: [{ file: 'tests/leak.test.ts' }], with: { passed: 0 } }],
      more: false,
      alone: { failed: 0 },
      without: { failed: 0 },
    })
    const [{ ground } = {}] = report.causes[0]!.files
    expect(ground).toEqual({ source: 'audit', on: ['redis: both write session:*'] })
    expect(code).toBe(0)

    const record = /replay (\S+\.run\.json)/.exec(report.command!)![1]!
    const files = (
      JSON.parse(await readFile(join(project.root, record), 'utf8')) as { files: { file: string }[] }
    ).files
    expect(files.map(({ file }) => file).toSorted()).toEqual(['tests/leak.test.ts', 'tests/victim.test.ts'])
    const replayed = await lanesCommand(project.root, ['replay', record, '--json'])
    expect(JSON.parse(replayed.stdout)).toMatchObject({
      repeated: true,
      failures: { both: [`tests/victim.test.ts › ${NAME}`] },
    })
  })

  test('the same again asks for no trial, and says the same for people', async () => {
    const { code, stdout, stderr } = await lanesCommand(project.root, [
      'bisect',
      'victim.test.ts',
      '-t',
      'is drained',
    ])
    expect(stderr).toMatch(/4 suspects, \d+ trials of before/)
    expect(stderr).not.toContain('round')
    expect(stdout).toContain('fails when tests/leak.test.ts > travels in time has run before it.')
    expect(stdout).toContain('npx vitest-lanes replay .vitest-lanes/bisect/')
    expect(stdout).toContain('0 of')
    expect(code).toBe(0)
  })

  test('a test can be named by its line', async () => {
    const line = VICTIM.split('\n').findIndex((text) => text.includes('is drained')) + 1
    const { report } = await bisected(project, [`tests/victim.test.ts:${line}`])
    expect(report.test).toEqual({ file: 'tests/victim.test.ts', name: NAME })
  })

  test.each([
    [
      'an unknown file',
      ['tests/victm.test.ts > x'],
      'Did you mean `tests/victim.test.ts`?',
      'LANES_TEST_UNKNOWN',
    ],
    [
      'an unknown test',
      ['tests/victim.test.ts > a queue > is draned'],
      `Did you mean \`tests/victim.test.ts > ${NAME}\`?`,
      'LANES_TEST_UNKNOWN',
    ],
    ['a line without a test', ['tests/victim.test.ts:1'], 'no test at line 1', 'LANES_TEST_UNKNOWN'],
    ['a test that did not fail', ['tests/victim.test.ts > a queue > is empty'], 'stress', 'LANES_NOT_FAILED'],
    ['a file without a failure', ['tests/a.test.ts'], 'has not failed', 'LANES_NOT_FAILED'],
    ['a name of several files', ['test.ts > adds'], 'the name of several files', 'LANES_TEST_UNKNOWN'],
    [
      'a record that is not there',
      ['victim', '--record', 'nothing.json'],
      'no run record',
      'LANES_RECORD_MISSING',
    ],
    ['a rate that is none', ['victim', '--rate', '200'], 'Expected `--rate`', ''],
  ])('%s ends with status 2 and says what to do', async (_, args, message, code) => {
    const end = await lanesCommand(project.root, ['bisect', ...args])
    expect(end.stderr).toContain(message)
    expect(end.stderr).toContain(code)
    expect(end.stderr).not.toMatch(/^\s+at /m)
    expect(end.code).toBe(2)
  })
})

test('a search that was ended by Ctrl-C goes on where it was', async () => {
  await using project = await suite()
  await putRecord(project, oneAfterTheOther(FILES, NAME))
  const child = startProcess(process.execPath, [MAIN, 'bisect', `tests/victim.test.ts > ${NAME}`], {
    cwd: project.root,
    marker: project.root,
    env: {},
  })
  await child.until((output) => output.includes('round 2'))
  child.kill('SIGINT', 'group')
  const { code, stderr } = await child.ended
  const trials = /Interrupted after (\d+) trials; the same command goes on from there\./.exec(stderr)?.[1]
  expect(Number(trials)).toBeGreaterThan(2)
  expect(code).toBe(130)

  const again = await lanesCommand(project.root, ['bisect', `tests/victim.test.ts > ${NAME}`])
  expect(again.stderr).toContain(`${trials} trials of before`)
  expect(again.stderr).not.toContain('round 1 ')
  expect(again.stdout).toContain('tests/leak.test.ts > travels in time has run before it.')
})

test('a search goes on only with the files that it began with', async () => {
  await using project = await suite()
  await putRecord(project, oneAfterTheOther(FILES, NAME))
  const args = [`tests/victim.test.ts > ${NAME}`, '--causes', '1']
  await bisected(project, args)
  await put(project, 'tests/leak.test.ts', LEAK.replace('is done', 'has ended'))
  const changed = await bisected(project, args)
  expect(changed.stderr).toContain('Files have changed since the search')
  const [state] = (await readdir(join(project.root, '.vitest-lanes', 'bisect'))).filter(
    (name) => !name.includes('.run.'),
  )
  await put(project, join('.vitest-lanes', 'bisect', state!), '{')
  const broken = await lanesCommand(project.root, ['bisect', ...args])
  expect(broken.stderr).toContain('--fresh')
  expect(broken.stderr).toContain('LANES_BISECT_STATE')
  expect(broken.code).toBe(2)
})

test('a record of other files and another version is taken, with a warning of what differs', async () => {
  await using project = await suite()
  const record = oneAfterTheOther(['tests/gone.test.ts', ...FILES], NAME)
  await putRecord(project, { ...record, vitest: '3.0.0' })
  const { stderr, report } = await bisected(project, [`victim > ${NAME}`, '--causes', '1'])
  expect(stderr).toContain('Vitest: 3.0.0 then')
  expect(stderr).toContain('tests/gone.test.ts: no longer there')
  expect(report).toMatchObject({ kind: 'found', causes: [{ files: [{ file: 'tests/leak.test.ts' }] }] })
})

test('a failure that does not come again ends with status 1, and the rate that is excluded', async () => {
  await using project = await projectWith({
    'tests/a.test.ts': HARMLESS,
    'tests/victim.test.ts': HARMLESS,
  })
  await putRecord(project, oneAfterTheOther(['tests/a.test.ts', 'tests/victim.test.ts'], 'adds'))
  const { code, report } = await bisected(project, ['victim > adds', '--rate', '60'])
  expect(report).toMatchObject({ kind: 'never' })
  expect(report.excludes).toBeLessThan(0.6)
  expect(code).toBe(1)
  const { stdout } = await lanesCommand(project.root, ['bisect', 'victim > adds', '--rate', '60'])
  expect(stdout).toMatch(/never failed, .* exclude, at 95 %, that it fails in more than 52\.8 %/)
  expect(stdout).toContain('[LANES_NOT_REPRODUCED]')
})

test('a test that fails alone is said to, and nothing is looked for', async () => {
  await using project = await projectWith({
    'tests/a.test.ts': HARMLESS,
    'tests/victim.test.ts': HARMLESS.replace('1 + 1', '1 + 2'),
  })
  await putRecord(project, oneAfterTheOther(['tests/a.test.ts', 'tests/victim.test.ts'], 'adds'))
  const { code, report } = await bisected(project, ['victim > adds'])
  expect(report).toMatchObject({ kind: 'alone', causes: [], rounds: 1 })
  expect(report.message).toContain('expected 3 to be 2')
  expect(code).toBe(1)
})
