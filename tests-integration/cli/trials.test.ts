import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RunRecord } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'
import { currentInstallation } from '../support/installation.ts'
import type { Project } from '../support/project.ts'
import { projectWith } from './support/command.ts'

const ENGINE = pathToFileURL(join(currentInstallation().packages['vitest-lanes']!, 'dist/trial/open.js'))

interface Result {
  readonly record: RunRecord
  readonly tests: readonly {
    readonly file: string
    readonly name: string
    readonly state: string
    readonly messages: readonly string[]
    readonly from: number
    readonly to: number
  }[]
  readonly unhandled: readonly string[]
}

/** What trials of these plans, one after another in one Vitest, have come to. */
async function trials(project: Project, plans: readonly object[]): Promise<Result[]> {
  await project.write({
    'trials.mjs': `
      import { writeFileSync } from 'node:fs'
      import { openTrials } from ${JSON.stringify(ENGINE.href)}
      const trials = await openTrials({ root: process.cwd(), filters: [] })
      const results = []
      for (const plan of ${JSON.stringify(plans)}) results.push(await trials.run(plan))
      await trials.close()
      writeFileSync('results.json', JSON.stringify(results))`,
  })
  const { code, stderr, stdout } = await project.script('trials.mjs').ended
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
  expect([0, 1]).toContain(code)
  return JSON.parse((await project.read('results.json')) ?? '') as Result[]
}

const FINE = "import { test } from 'vitest'; test('is fine', () => {})"
const NAMES = ['a', 'b', 'c', 'd'].map((name) => `${name}.test.ts`)
const FILES = Object.fromEntries(NAMES.map((name) => [name, FINE]))

describe('a trial', () => {
  test('runs only the files of its order, in that order', async () => {
    await using project = await projectWith(FILES)
    const [first, second] = await trials(project, [
      { seed: 1, lanes: 1, order: ['c.test.ts', 'a.test.ts', 'gone.test.ts'] },
      { seed: 1, lanes: 1, order: ['a.test.ts', 'd.test.ts', 'c.test.ts'] },
    ])
    expect(admitted(first!)).toEqual(['c.test.ts', 'a.test.ts'])
    expect(admitted(second!)).toEqual(['a.test.ts', 'd.test.ts', 'c.test.ts'])
    expect(first!.record).toMatchObject({ seed: 1, lanes: 1, outcome: 'passed' })
  })

  test('admits a file only after what it waits for, and in its lane', async () => {
    await using project = await projectWith(FILES)
    const [result] = await trials(project, [
      {
        seed: 1,
        lanes: 4,
        order: NAMES,
        after: {
          'a.test.ts': [{ file: 'd.test.ts', point: 'finished' }],
          'b.test.ts': [{ file: 'd.test.ts', point: 'started' }],
        },
        lane: { 'a.test.ts': 3, 'b.test.ts': 2, 'c.test.ts': 4, 'd.test.ts': 1 },
      },
    ])
    const { files } = result!.record
    const times = Object.fromEntries(files.map(({ file, times: its }) => [file, its]))
    expect(times['a.test.ts']!.admitted!).toBeGreaterThanOrEqual(times['d.test.ts']!.finished!)
    expect(times['b.test.ts']!.admitted!).toBeGreaterThanOrEqual(times['d.test.ts']!.started!)
    expect(Object.fromEntries(files.map(({ file, lane }) => [file, lane]))).toEqual({
      'a.test.ts': 3,
      'b.test.ts': 2,
      'c.test.ts': 4,
      'd.test.ts': 1,
    })
  })

  test('ends where files wait for each other', async () => {
    await using project = await projectWith(FILES)
    const [result] = await trials(project, [
      {
        seed: 1,
        order: NAMES.slice(0, 2),
        after: {
          'a.test.ts': [{ file: 'b.test.ts', point: 'finished' }],
          'b.test.ts': [{ file: 'a.test.ts', point: 'finished' }],
        },
      },
    ])
    expect(result!.record.files.map(({ outcome }) => outcome)).toEqual(['passed', 'passed'])
  })

  test('runs only the tests that may run, whatever their names are', async () => {
    await using project = await projectWith({
      'a.test.ts': `
        import { describe, test } from 'vitest'
        describe('a suite (of 2)', () => {
          test('adds 1 + 1', () => {})
          test('adds 1 + 11', () => {})
          describe('within > it', () => test('adds $', () => {}))
        })
        test('adds 1 + 1', () => {})`,
    })
    const names = ['a suite (of 2) > adds 1 + 1', 'a suite (of 2) > within > it > adds $']
    const [some, all] = await trials(project, [{ seed: 1, only: { 'a.test.ts': names } }, { seed: 1 }])
    expect(passed(some!)).toEqual(names)
    expect(passed(all!)).toHaveLength(4)
  })

  test('tells what failed, and when', async () => {
    await using project = await projectWith({
      'a.test.ts': `
        import { expect, test } from 'vitest'
        test('fails', () => expect([1, 2]).toEqual([1, 3]))
        test.skip('is skipped', () => {})`,
      'b.test.ts': `
        import { beforeAll, describe, test } from 'vitest'
        describe('a suite', () => {
          beforeAll(() => { throw new Error('no server') })
          test('never runs', () => {})
        })`,
      'c.test.ts':
        "import { test } from 'vitest'; test('ends its process', () => process.kill(process.pid, 'SIGKILL'))",
      'd.test.ts': `
        import { test } from 'vitest'
        test('throws later', async () => {
          setTimeout(() => { throw new Error('nobody waits') })
          await new Promise((resolve) => setTimeout(resolve, 100))
        })`,
    })
    const [result] = await trials(project, [{ seed: 1 }])
    const states = Object.fromEntries(
      result!.tests.map(({ file, name, state, messages }) => [`${file} ${name}`, [state, messages[0]]]),
    )
    expect(states).toMatchObject({
      'a.test.ts fails': ['failed', 'expected [ 1, 2 ] to deeply equal [ 1, 3 ]'],
      'a.test.ts is skipped': ['skipped', undefined],
      'b.test.ts a suite': ['failed', 'no server'],
      'c.test.ts c.test.ts': ['failed', expect.stringContaining('exited unexpectedly')],
      'd.test.ts throws later': ['passed', undefined],
    })
    expect(result!.unhandled).toEqual(expect.arrayContaining([expect.stringContaining('nobody waits')]))
    const { from, to } = result!.tests.find(({ name }) => name === 'throws later')!
    expect(from).toBeGreaterThan(0)
    expect(to - from).toBeGreaterThanOrEqual(90)
    expect(to).toBeLessThanOrEqual(result!.record.duration)
  })

  test('runs a suite that has projects, with or without the plugin', async () => {
    await using project = await projectWith({
      'vitest.config.ts': `
        export default { test: { projects: [
          { extends: true, test: { name: 'one', include: ['a.test.ts'], pool: 'threads' } },
          { test: { name: 'two', include: ['a.test.ts', 'b.test.ts'], isolate: false } },
        ] } }`,
      'a.test.ts': FINE,
      'b.test.ts': FINE,
    })
    const [result] = await trials(project, [
      { seed: 1, lanes: 2, order: ['[two] b.test.ts', '[one] a.test.ts', '[two] a.test.ts'] },
    ])
    expect(admitted(result!)).toEqual(['[two] b.test.ts', '[one] a.test.ts', '[two] a.test.ts'])
    expect(result!.record.outcome).toBe('passed')
  })
})

function admitted({ record }: Result): string[] {
  return record.files
    .toSorted((a, b) => a.times.admitted! - b.times.admitted!)
    .map(({ file, project }) => (project === '' ? file : `[${project}] ${file}`))
}

function passed({ tests }: Result): string[] {
  return tests.filter(({ state }) => state === 'passed').map(({ name }) => name)
}
