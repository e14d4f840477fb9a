import { describe, expect, test } from 'vitest'
import { outcomes, recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import { config, file } from '../support/sources.ts'

const TWO = "{ lanes: 2, resources: { box: told('box') }, files: { '**': ['box'] } }"
type Told = readonly { what: string }[]
const told = (what: string) => (all: Told) => all.some((event) => event.what === what)
const bothHang = (all: Told) => told('hangs')(all) && told('hangs too')(all)

test('files that fail in every way fail as in plain Vitest, and the run ends by itself', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(TWO, '{ maxWorkers: 2, retry: 0 }'),
    'passes.test.ts': file("hold('box')"),
    'fails.test.ts': file('expect(1).toBe(2)'),
    'times-out.test.ts': `
      import { test } from 'vitest'
      test('works', () => new Promise(() => {}), 200)
      test('works after it', () => {})`,
    'lacks-import.test.ts': "import './not-there.ts'",
    'throws.test.ts': "throw new Error('while it loads')",
    'has-no-test.test.ts': 'export {}',
    'rejects.test.ts': file("void Promise.reject(new Error('unheard')); await new Promise(setImmediate)"),
    'exits.test.ts': file('process.exit(0)'),
    'is-killed.test.ts': file("hold('box'); process.kill(process.pid, 'SIGKILL'); await forever()"),
    'skips.test.ts': "import { test } from 'vitest'; test.skip('works', () => {}); test.todo('more')",
  })

  const stock = await project.run([], { env: { STOCK: '1' } })
  const run = await project.run()

  expect(run.code).toBe(stock.code)
  expect(run.code).toBe(1)
  expect(outcomes(project, run)).toEqual(outcomes(project, stock))
  expect(recorded(run)).toEqual({
    'exits.test.ts': 'failed',
    'fails.test.ts': 'failed',
    'has-no-test.test.ts': 'failed',
    'is-killed.test.ts': 'failed',
    'lacks-import.test.ts': 'failed',
    'passes.test.ts': 'passed',
    'rejects.test.ts': 'passed',
    'skips.test.ts': 'skipped',
    'throws.test.ts': 'failed',
    'times-out.test.ts': 'failed',
  })
  const killed = run.record!.files.find(({ file }) => file === 'is-killed.test.ts')
  expect(killed).toMatchObject({
    error: expect.stringMatching(/^The worker of \S+\.test\.ts exited unexpectedly \(SIGKILL\)\.$/),
    outcome: 'failed',
  })
  expect(run.stderr).toContain('unheard')
})

test('--bail cancels the files that wait, as in plain Vitest', async () => {
  const padding = `// ${'so that it goes first '.repeat(100)}`
  await using project = await createProject({
    'vitest.config.ts': config(
      "{ lanes: 1, resources: { box: told('box') }, files: { '**': ['box'] } }",
      '{ maxWorkers: 1 }',
    ),
    'fails.test.ts': file('expect(1).toBe(2)', padding),
    'later.test.ts': file("tell('ran')"),
    'latest.test.ts': file("tell('ran')"),
  })

  const stock = await project.run(['--bail=1'], { env: { STOCK: '1' } })
  const run = await project.run(['--bail=1'])

  expect(run.code).toBe(stock.code)
  expect(outcomes(project, run)).toEqual(outcomes(project, stock))
  expect(run.events.filter(({ what }) => what === 'ran')).toEqual([])
  expect(recorded(run)).toEqual({
    'fails.test.ts': 'failed',
    'later.test.ts': 'cancelled',
    'latest.test.ts': 'cancelled',
  })
  expect(run.record?.outcome).toBe('interrupted')
})

describe('a signal', () => {
  const files = {
    'vitest.config.ts': config(TWO),
    'done.test.ts': file("hold('box'); await meet('two', 2)"),
    'hangs.test.ts': `
      import { test } from 'vitest'
      import { forever, hold, meet, tell, until } from '/events.ts'
      test('works', () => hold('box'))
      test('hangs', async () => {
        await meet('two', 2)
        await until((told) => told.some(({ what }) => what === 'reset'))
        tell('hangs')
        await forever()
      }, 600_000)`,
    'waits/a.test.ts': file("tell('hangs too'); await forever()"),
    'waits/b.test.ts': file("tell('ran')"),
    'waits/c.test.ts': file("tell('ran')"),
  }

  test.each([
    ['SIGINT', 'process', 130],
    ['SIGINT', 'group', 130],
    ['SIGTERM', 'process', 143],
  ] as const)(
    '%s to the %s ends workers, instances and the run, and every file is accounted for',
    async (signal, whom, status) => {
      await using project = await createProject({
        ...files,
        'vitest.config.ts': config(TWO, "{ sequence: { sequencer: (await import('./by-name.ts')).ByName } }"),
        'by-name.ts': BY_NAME,
      })
      const started = project.start()
      await started.told(bothHang)
      started.kill(signal, whom)
      const run = await started.ended

      expect(run.code).toBe(status)
      expect(recorded(run)).toEqual({
        'done.test.ts': 'passed',
        'hangs.test.ts': 'cancelled',
        'waits/a.test.ts': 'cancelled',
        'waits/b.test.ts': 'cancelled',
        'waits/c.test.ts': 'cancelled',
      })
      expect(run.record).toMatchObject({ outcome: 'interrupted' })
      expect(run.report?.testResults).toHaveLength(5)
      expect(run.stdout + run.stderr).not.toContain('unexpectedly')
      const opened = run.events.filter(({ what }) => what === 'open').length
      expect(run.events.filter(({ what }) => what === 'dispose')).toHaveLength(opened)
      expect(run.events.filter(({ what }) => what === 'stop')).toHaveLength(1)
    },
  )

  test('a second one exits at once and leaves no worker', async () => {
    await using project = await createProject({
      'vitest.config.ts': config(
        "{ lanes: 1, resources: { box: told('box', { hangDispose: true, reset: false }) }, files: { '**': ['box'] } }",
      ),
      'hangs.test.ts': file("process.on('SIGTERM', () => {}); tell('hangs'); await forever()"),
    })
    const started = project.start()
    await started.told(told('hangs'))
    started.kill('SIGINT')
    await started.until((output) => output.includes('SIGINT'))
    started.kill('SIGINT')
    const run = await started.ended

    expect(run.code).toBe(130)
    expect(run.record).toBeUndefined()
  })
})

const BY_NAME = `
  import { BaseSequencer } from 'vitest/node'
  export class ByName extends BaseSequencer {
    async sort(specs) {
      return [...specs].sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1))
    }
  }
`
