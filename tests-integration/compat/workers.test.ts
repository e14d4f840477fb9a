import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import type { RunOptions, VitestRun } from '../support/project.ts'
import { config } from '../support/sources.ts'
import { expectSame, inBoth } from './compare.ts'
import { FULL } from './leg.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']

const SETUP = (test: string) =>
  config(`{ lanes: 3, resources: { one: {} }, files: { 'none/**': ['one'] } }`, test)

/** Each file tells which process and thread it is in, with which number, and which processes it finds there. */
const TELLS = `
  import { threadId } from 'node:worker_threads'
  import { expect, test } from 'vitest'
  import { events, tell } from '/events.ts'
  const pool = Number(process.env.VITEST_POOL_ID)
  const isAlive = (pid) => { try { return process.kill(pid, 0) } catch { return false } }
  test('tells where it runs', () => {
    const before = events().filter((event) => event.what === 'ran' && event.pool === pool)
    tell('ran', { pool, threadId, still: before.map(({ pid }) => pid).filter((pid) => pid !== process.pid && isAlive(pid)) })
  })
`
/** Of processes that take their time to end, when their file has ended. */
const LINGERS = `
  export default {
    name: 'lingers',
    viteEnvironment: 'ssr',
    setup: () => ({ teardown: () => new Promise((resolve) => setTimeout(resolve, 1_500)) }),
  }
`

const files = (test: string): Record<string, string> => ({
  'vitest.config.ts': SETUP(test),
  ...Object.fromEntries(NAMES.map((name) => [`tests/${name}.test.ts`, TELLS])),
})

const COUNTS: [what: string, lanes: number, args: readonly string[], options?: RunOptions][] = [
  ['--no-file-parallelism', 1, ['--no-file-parallelism']],
  ['VITEST_MAX_WORKERS', 2, [], { env: { VITEST_MAX_WORKERS: '2' } }],
  ['--maxWorkers', 2, ['--maxWorkers=2']],
  ['no option', 3, []],
]

describe('Workers', () => {
  test.each(FULL ? COUNTS : COUNTS.slice(0, 1))(
    '%s gives as many lanes as it allows',
    async (_, lanes, args, options) => {
      await using project = await createProject(files('{}'))
      const run = await expectSame(project, args, options)
      expect(run.code).toBe(0)
      expect(run.record?.lanes).toBe(lanes)
      const numbers = new Set(run.events.map((event) => event['pool']))
      expect(numbers).toEqual(new Set(Array.from({ length: lanes }, (_, index) => index + 1)))
    },
  )

  test('no two live processes have the same VITEST_POOL_ID, nor one above the lanes', async () => {
    await using project = await createProject({
      ...files("{ environment: './lingers.ts' }"),
      'lingers.ts': LINGERS,
    })
    const run = await project.run(['--maxWorkers=2'])

    const told = run.events.filter(({ what }) => what === 'ran')
    expect(told).toHaveLength(NAMES.length)
    expect(new Set(told.map((event) => event['pool']))).toEqual(new Set([1, 2]))
    for (const { pool, still } of told) expect(still, `who still have the number ${String(pool)}`).toEqual([])
  })

  test.each(FULL ? ['forks', 'threads', 'vmForks', 'vmThreads'] : ['forks'])(
    'in %s without isolation as many are started as in plain Vitest, give or take the lanes',
    async (pool) => {
      const test = `{ pool: '${pool}', isolate: false, maxWorkers: 2 }`
      await using project = await createProject(files(test))
      const { stock, lanes } = await inBoth((env) => project.run([], { env }))

      expect([lanes.code, stock.code]).toEqual([0, 0])
      expect(workers(stock)).toBeLessThan(NAMES.length)
      expect(Math.abs(workers(lanes) - workers(stock))).toBeLessThanOrEqual(2)
      expect(workers(lanes)).toBeLessThanOrEqual(2)
    },
  )

  test.each(FULL ? ['forks', 'vmForks'] : ['forks'])(
    'in %s a worker that runs out of memory fails its file alone',
    async (pool) => {
      await using project = await createProject({
        'vitest.config.ts': SETUP(`{ pool: '${pool}', execArgv: ['--max-old-space-size=80'] }`),
        'tests/eats.test.ts': `
        import { test } from 'vitest'
        test('eats all memory', async () => { await new Promise((done) => setTimeout(done, 300)); const all = []; for (;;) all.push(Array.from({ length: 1e5 }, () => ({}))) })
      `,
        'tests/beside.test.ts': TELLS,
      })
      const run = await expectSame(project)
      expect(run.code).toBe(1)
      expect(run.stderr).toContain('tests/eats.test.ts')
      expect(run.record?.files.map(({ file, outcome }) => [file, outcome]).sort()).toEqual([
        ['tests/beside.test.ts', 'passed'],
        ['tests/eats.test.ts', 'failed'],
      ])
    },
  )
})

/** How many processes or threads have run files. */
function workers({ events }: VitestRun): number {
  return new Set(events.map(({ pid, threadId }) => `${pid} ${String(threadId)}`)).size
}
