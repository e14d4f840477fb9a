import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Project } from '../support/project.ts'
import { FULL } from '../../tests-unit/report/support/full.ts'
import { SMALL, ran, recordOf } from '../../tests-unit/report/support/record.ts'
import { lanesCommand, projectWith, put, textOf } from './support/command.ts'

const TEST = `
import { expect, test } from 'vitest'
test('passes', () => expect(1).toBe(1))`

/** The last run of the project's files: each took a tenth longer than the history says. */
const LAST = recordOf({
  duration: 8500,
  files: (
    [
      ['tests/billing/a.test.ts', 1, 0, 4400],
      ['tests/billing/b.test.ts', 2, 0, 3300],
      ['tests/files/c.test.ts', 3, 0, 2200],
      ['tests/d.test.ts', 1, 4600, 3300],
    ] as const
  ).map(([file, lane, from, took]) => {
    const finished = from + 100 + took
    return ran(file, lane, [0, from, from + 100, from + 100, finished, finished + 350, finished + 400], {
      cpu: 600,
    })
  }),
})

describe('the command', () => {
  let project: Project
  beforeAll(async () => {
    project = await projectWith({
      'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
import { lanes } from 'vitest-lanes'
import { told } from './provider.ts'
export default defineConfig({
  plugins: [lanes({
    lanes: 3,
    resources: { stripe: { instances: 1 }, files: told('files') },
    files: { 'tests/billing/**': ['stripe'], 'tests/files/**': ['files/shared'] },
  })],
})`,
      'tests/billing/a.test.ts': TEST,
      'tests/billing/b.test.ts': TEST,
      'tests/files/c.test.ts': TEST,
      'tests/d.test.ts': TEST,
    })
    await put(project, '.vitest-lanes/run.json', JSON.stringify(SMALL))
    await put(project, '.vitest-lanes/runs/full.json', JSON.stringify(FULL))
    await put(project, '.vitest-lanes/runs/2026-01-03.json', JSON.stringify(LAST))
    await put(project, '.vitest-lanes/runs/2026-01-04.json', JSON.stringify(SMALL))
    await put(
      project,
      '.vitest-lanes/history.json',
      JSON.stringify({
        version: 1,
        files: Object.fromEntries(
          [
            ['tests/billing/a.test.ts', 4000],
            ['tests/billing/b.test.ts', 3000],
            ['tests/files/c.test.ts', 2000],
          ].map(([file, ms]) => [file, { durations: [ms], failed: false, at: '2026-01-01T00:00:00.000Z' }]),
        ),
      }),
    )
  })
  afterAll(async () => project[Symbol.asyncDispose]())
  const run = (...args: string[]) =>
    lanesCommand(project.root, args, { VITEST_LANES_TEST_EVENTS: join(project.root, 'events.jsonl') })
  const json = async (...args: string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await run(...args)).stdout) as Record<string, unknown>

  test.each(['', 'report', 'plan', 'compare', 'init', 'doctor', 'stress', 'replay', 'bisect', 'audit'])(
    '%s --help says what it takes',
    async (name) => {
      const { code, stdout } = await run(...(name === '' ? [] : [name]), '--help')
      expect(code).toBe(0)
      expect(stdout).toContain('Usage: vitest-lanes')
      expect(stdout).toContain('Exit status: 0')
    },
  )

  test.each([
    ['an unknown command', ['repot'], "unknown command 'repot'"],
    ['an unknown option', ['report', '--fromat', 'json'], "unknown option '--fromat'"],
    ['an unknown format', ['report', '--format', 'pdf'], 'Allowed choices are html, text, json'],
    ['lanes that are no range', ['plan', '--lanes', '4..2'], 'Expected `--lanes`'],
    ['a shard that there is not', ['plan', '--shard', '5/4'], 'Expected `--shard`'],
    ['a change that cannot be read', ['plan', '--if', 'stripe=2'], 'Expected `--if`'],
    ['an unknown limit', ['compare', 'a', 'b', '--fail-on', 'slow:1%'], 'Expected `--fail-on`'],
    ['a missing argument', ['compare', 'a'], "missing required argument 'after'"],
    ['a record that is not there', ['report', 'nothing.json'], 'There is no run record at'],
    ['a run that has not been', ['compare', 'a.json', 'b.json'], '[LANES_RECORD_MISSING]'],
    ['an unknown resource', ['plan', '--if', 'strip.instances=2'], 'Did you mean `stripe`?'],
  ])('%s ends with status 2 and says what is wrong', async (_, args, message) => {
    const { code, stderr } = await run(...args)
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(2)
  })

  test('an old record is refused with what to do', async () => {
    await put(project, 'old.json', JSON.stringify({ ...SMALL, version: 0 }))
    const { code, stderr } = await run('report', 'old.json')
    expect(stderr).toContain('written by an older vitest-lanes')
    expect(stderr).toContain('[LANES_RECORD_VERSION]')
    expect(code).toBe(2)
  })

  test('report writes the timeline beside the record, with links to the files', async () => {
    const { code, stdout } = await run('report')
    expect(code).toBe(0)
    expect(stdout.trim()).toBe(join('.vitest-lanes', 'timeline.html'))
    const page = await textOf(join(project.root, '.vitest-lanes', 'timeline.html'))
    expect(page).toContain('tests/a.test.ts')
    expect(page).toContain('"base":"../"')
  })

  test('report takes any record, format and place', async () => {
    const text = await run('report', '.vitest-lanes/runs/full.json', '--format', 'text')
    expect(text.stdout).toContain('Failed, and what ran beside it')
    expect(text.stdout).not.toContain('\u001B')
    expect(await json('report', '--json')).toMatchObject({ version: 1, figures: { wall: 10_000 } })
    expect((await run('report', '--format', 'markdown')).stdout).toContain('## vitest-lanes: passed')
    await run('report', '--format', 'trace', '-o', 'out/trace.json')
    expect(await readdir(join(project.root, 'out'))).toEqual(['trace.json'])
  })

  test('plan predicts from the durations of earlier runs, without running a test', async () => {
    const plan = await json('plan', '--json')
    // 4 s and 3 s of stripe one after the other. Of the last run of these files: each took a tenth longer than usual,
    // beside 100 ms to open, 350 ms to exit and 50 ms to clean; 500 ms before the first file and after the last.
    expect(plan).toMatchObject({
      lanes: 3,
      guessed: 1,
      others: 0,
      bound: { by: 'resource', resource: 'stripe' },
      cpuBound: (4 * 600) / availableParallelism(),
    })
    expect((plan['bound'] as { ms: number }).ms).toBeCloseTo(4400 + 3300)
    expect(plan['predicted']).toBeCloseTo(100 + 4400 + 350 + 50 + 100 + 3300 + 500)
    expect((await run('plan')).stdout).toContain('tests/billing/a.test.ts  stripe')
    expect(await project.read('events.jsonl')).toBeUndefined()
  })

  test('plan takes filters', async () => {
    const { files } = await json('plan', 'files', '--json')
    expect(files).toMatchObject([
      { file: 'tests/files/c.test.ts', claims: [{ resource: 'files', mode: 'shared' }] },
    ])
  })

  test('plan shows each number of lanes, and each shard', async () => {
    const { byLanes, shards } = await json('plan', '--json', '--lanes', '1..4', '--shard', '1..2')
    expect((byLanes as { lanes: number }[]).map(({ lanes }) => lanes)).toEqual([1, 2, 3, 4])
    expect((shards as { files: number }[]).reduce((sum, { files }) => sum + files, 0)).toBe(4)
    const { stdout } = await run('plan', '--lanes', '1..4')
    expect(stdout).toMatch(/^3 \(now\) .*█/m)
  })

  test('plan of one shard is about its files alone', async () => {
    const one = await json('plan', '--json', '--shard', '1/2')
    const two = await json('plan', '--json', '--shard', '2/2')
    const files = [one, two].map((plan) => (plan['files'] as { file: string }[]).map(({ file }) => file))
    const all = ((await json('plan', '--json'))['files'] as { file: string }[]).map(({ file }) => file)
    expect(files.flat().toSorted()).toEqual(all.toSorted())
    expect(files[0]!.length).toBeGreaterThan(0)
    expect(one).toMatchObject({ shard: { index: 1, count: 2 } })
    const { stdout } = await run('plan', '--shard', '1/2')
    expect(stdout).toContain(`Shard 1 of 2: ${files[0]!.length} file`)
  })

  test('plan says what a change would bring', async () => {
    const { stdout } = await run('plan', '--if', 'stripe.instances=2')
    expect(stdout).toContain('With stripe.instances=2: 6.2 s instead of 8.8 s (30 % less)')
  })

  test('plan without the plugin says what to do', async () => {
    await using bare = await projectWith({ 'a.test.ts': TEST })
    const { code, stderr } = await lanesCommand(bare.root, ['plan'])
    expect(stderr).toContain('vitest-lanes init')
    expect(code).toBe(2)
  })

  test('plan says so where the plugin is there and no project has it', async () => {
    await using none = await projectWith({
      'vitest.config.ts': `
import { lanes } from 'vitest-lanes'
export default { plugins: [lanes({ resources: { box: {} } })], test: { projects: [{ test: { name: 'a' } }] } }`,
      'a.test.ts': TEST,
    })
    const { code, stderr } = await lanesCommand(none.root, ['plan'])
    expect(stderr).toContain('and no project extends it')
    expect(stderr).not.toContain('vitest-lanes init')
    expect(code).toBe(2)
  })

  test('compare ends with status 1 where a limit is passed', async () => {
    const full = '.vitest-lanes/runs/full.json'
    const same = await run('compare', full, full, '--fail-on', 'slower:1%', '--fail-on', 'findings')
    expect(same.code).toBe(0)
    const worse = await run('compare', '.vitest-lanes/run.json', full, '--fail-on', 'failures')
    expect(worse.stderr).toContain('--fail-on failures  tests/c.test.ts')
    expect(worse.code).toBe(1)
    const found = await json('compare', '.vitest-lanes/run.json', full, '--json', '--fail-on', 'findings')
    expect(found).toMatchObject({ failedOn: [{ limit: 'findings' }], newFailures: ['tests/c.test.ts'] })
  })

  test('doctor tries each provider, and takes away what it opened', async () => {
    const { code, stdout } = await run('doctor')
    expect(stdout).toMatch(/^fine +files: .*an instance in/m)
    expect(stdout).toMatch(/^fine +lanes: 3$/m)
    expect(code).toBe(0)
  })

  test('doctor and plan say that a line of `files` matches nothing', async () => {
    await using slip = await projectWith({
      'vitest.config.ts': `
import { lanes } from 'vitest-lanes'
export default { plugins: [lanes({ files: { '*.test.ts': ['sequential'], 'tset/**': ['sequential'] } })] }`,
      'a.test.ts': TEST,
    })
    const [doctor, plan] = [
      await lanesCommand(slip.root, ['doctor']),
      await lanesCommand(slip.root, ['plan']),
    ]
    expect(doctor.stdout).toContain("`files['tset/**']` matches no file.")
    expect(plan.stderr).toContain("`files['tset/**']` matches no file.")
    expect(doctor.stdout + plan.stderr).not.toContain("files['*.test.ts']")
    expect([doctor.code, plan.code]).toEqual([0, 0])
  })

  test('doctor ends with status 1 for what a run would fail at', async () => {
    await using bare = await projectWith({ 'a.test.ts': TEST })
    const { code, stdout } = await lanesCommand(bare.root, ['doctor', '--json'])
    const { checks } = JSON.parse(stdout) as { checks: { name: string; state: string }[] }
    expect(checks.find(({ name }) => name === 'plugin')).toMatchObject({ state: 'problem' })
    expect(code).toBe(1)
  })
})
