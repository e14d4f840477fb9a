import { expect, test } from 'vitest'
import { outcomes, recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import { config, file } from '../support/sources.ts'

const BOX = "{ lanes: 2, resources: { box: told('box') }, files: { 'box/**': ['box'] } }"

test('in watch mode a rerun uses the instances that are open, and they are taken away at the end', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(BOX),
    'box/a.test.ts': file("hold('box'); tell('first')"),
    'plain.test.ts': file(''),
  })
  const started = project.vitest(['--watch'])
  await started.until((output) => output.includes('Waiting for file changes'))
  await project.write({ 'box/a.test.ts': file("hold('box'); tell('second')") })
  await started.told((all) => all.some(({ what }) => what === 'second'))
  await started.until((output) => output.split('Waiting for file changes').length === 3)
  const { record } = { record: JSON.parse((await project.read('.vitest-lanes/run.json')) ?? '{}') as unknown }
  started.kill('SIGTERM')
  const run = await started.ended

  expect(run.code).toBe(143)
  expect(run.events.filter(({ resource }) => resource === 'box').map(({ what }) => what)).toEqual([
    'start',
    'open',
    'hold',
    'reset',
    'hold',
    'reset',
    'dispose',
    'stop',
  ])
  // The record is of the last run alone.
  expect(record).toMatchObject({ files: [{ file: 'box/a.test.ts', outcome: 'passed' }] })
})

test('vitest list gives the same as plain Vitest and leaves nothing behind', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(BOX),
    'box/a.test.ts': file('', "if (!process.env.STOCK && !process.env.BOX_URL) throw new Error('no box')"),
    'plain.test.ts': file(''),
  })
  const stock = await project.vitest(['list', '--json'], { env: { STOCK: '1' } }).ended
  const run = await project.vitest(['list', '--json']).ended

  expect(run.code).toBe(0)
  expect(listed(run.stdout)).toEqual(listed(stock.stdout))
  expect(run.record).toBeUndefined()
  const count = (what: string) => run.events.filter((event) => event.what === what).length
  // Vitest 5 reads the files without running them.
  expect([count('dispose'), count('stop')]).toEqual([count('open'), count('start')])
})

test('stdout belongs to reporters for machines, and --silent silences us', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(BOX),
    'box/a.test.ts': file(''),
    'plain.test.ts': file(''),
  })

  const json = await project.vitest(['run', '--reporter=json']).ended
  const tap = await project.vitest(['run', '--reporter=tap']).ended
  const silent = await project.run(['--silent'])

  expect(json.code).toBe(0)
  // Vitest 5 writes it to a file and says so.
  const text = json.stdout.startsWith('JSON report written')
    ? await project.read('.vitest/json/output.json')
    : json.stdout
  expect(JSON.parse(text ?? '')).toMatchObject({ numPassedTests: 2 })
  expect(json.stdout + tap.stdout).not.toContain('lanes  ')
  expect(tap.stdout).toMatch(/^TAP version 13/)
  expect(json.stderr + tap.stderr).toBe('')
  expect(silent.stdout).not.toContain('lanes  ')
  expect(silent.record?.outcome).toBe('passed')
})

test('blobs of two shards merge into one report', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(BOX),
    'box/a.test.ts': file(''),
    'box/b.test.ts': file('expect(1).toBe(2)'),
    'plain.test.ts': file(''),
  })

  await project.vitest(['run', '--reporter=blob', '--shard=1/2']).ended
  await project.vitest(['run', '--reporter=blob', '--shard=2/2']).ended
  const merged = await project.vitest([
    'run',
    '--merge-reports',
    '--reporter=json',
    '--outputFile=report.json',
  ]).ended

  expect(merged.code).toBe(1)
  expect(merged.report).toMatchObject({ numPassedTests: 2, numFailedTests: 1 })
})

test('typecheck, snapshots, provided values and concurrent logs come through as in plain Vitest', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(
      BOX,
      `{
        maxWorkers: 2,
        globalSetup: ['./global.ts'],
        typecheck: { enabled: true, include: ['**/*.test-d.ts'], tsconfig: './tsconfig.json' },
      }`,
    ),
    'tsconfig.json':
      '{ "compilerOptions": { "strict": true, "module": "nodenext", "noEmit": true, "skipLibCheck": true, "types": [] }, "include": ["*.test-d.ts"] }',
    'global.ts': "export default (project) => { project.provide('answer', 42); return () => {} }",
    'types.test-d.ts':
      "import { expectTypeOf, test } from 'vitest'\ntest('types', () => { expectTypeOf(1).toEqualTypeOf<number>() })",
    'box/a.test.ts': `
      import { expect, inject, test } from 'vitest'
      test('is provided', () => expect(inject('answer')).toBe(42))
      test('matches', () => expect('a').toMatchInlineSnapshot('"a"'))
      test('is written', () => expect('new').toMatchSnapshot())
      test.concurrent('logs', () => console.log('said by a test'))`,
  })

  const stock = await project.run(['--run'], { env: { STOCK: '1' } })
  const run = await project.run(['--run'])

  expect(outcomes(project, run)).toEqual(outcomes(project, stock))
  expect(outcomes(project, run)).toMatchObject({
    'types.test-d.ts': { status: 'passed' },
    'box/a.test.ts': { status: 'passed' },
  })
  expect([stock.code, run.code]).toEqual([0, 0])
  expect(run.stdout).toContain('said by a test')
  expect(recorded(run)).toHaveProperty(['box/a.test.ts'])
  expect(recorded(run)).not.toHaveProperty(['types.test-d.ts'])
})

function listed(json: string): Set<string> {
  return new Set((JSON.parse(json) as { file: string }[]).map(({ file: path }) => path))
}
