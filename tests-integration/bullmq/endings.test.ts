import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { installed, workspace } from '../support/installation.ts'
import { recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'

const MODULES = join(fileURLToPath(new URL('../..', import.meta.url)), 'node_modules')
const installation = {
  ...workspace,
  packages: {
    ...workspace.packages,
    ...installed(MODULES, process.execPath, ['@vitest-lanes/bullmq', 'bullmq', 'ioredis', 'pg']).packages,
  },
}

/** The projects use the servers of this file, with the plugin or without, so that what they leave can be seen from here. */
const PLAIN = `
  const project = (pool, groupOrder) =>
    ({ test: { name: pool, pool, include: ['*.test.ts'], fileParallelism: false, sequence: { groupOrder } } })
  export default { test: { projects: [project('forks', 0), project('threads', 1)] } }
`
const lanesOn = (redis: string, postgres: string) => `
  import { postgres } from '@vitest-lanes/postgres'
  import { redis } from '@vitest-lanes/redis'
  import { lanes } from 'vitest-lanes'
  const project = (pool) => ({ extends: true, test: { name: pool, pool, include: ['*.test.ts'] } })
  export default {
    plugins: [
      lanes({
        lanes: 1,
        resources: { redis: redis(${redis}), postgres: postgres(${postgres}) },
        files: { '**': ['redis', 'postgres'] },
      }),
    ],
    test: { projects: [project('forks'), project('threads')] },
  }
`
const NAMED = lanesOn(
  "{ server: process.env.REDIS_URL.replace(/\\/\\d+$/, '') }",
  '{ server: process.env.DATABASE_URL }',
)
const OWN = lanesOn('', '')

/** On a server that others use too, more is to be seen than what these leave. */
const shared =
  process.env['LANES_TEST_REDIS'] !== undefined || process.env['LANES_TEST_POSTGRES'] !== undefined

/** A test that uses all fixtures, with a job under way and a query that runs, and then ends as \`body\` says. */
const using = (title: string, body: string, options = '{}') => `
  test('${title}', ${options}, async ({ bullmq, redis, pg, database, onTestFinished }) => {
    await redis.set('left', '1')
    const mails = bullmq.queue('mails')
    bullmq.worker('mails', () => new Promise(() => {}))
    bullmq.events('mails')
    const job = await mails.add('welcome', {})
    await bullmq.state(job, 'active')
    await pg.query('CREATE TABLE left_over (id int)')
    await database.pool.query('CREATE TABLE left_over (id int)')
    ${body}
  })
`

const head = `
  import { test } from '@vitest-lanes/bullmq/fixture'
  import { afterEach, describe } from 'vitest'
`

const DATABASES_OF_TESTS = `
  SELECT datname AS name FROM pg_database
  WHERE datname ~ '^lanes_[a-z0-9]{10}_[0-9]+$' AND datconnlimit > 0 AND left(datname, 16) <> left(current_database(), 16)
`

/** What a later test, of the same file or of another, can see of it. */
const seesNothing = (databases: string = DATABASES_OF_TESTS) => `
  test('sees nothing of it', async ({ redisScope, pg, expect }) => {
    const { client } = await redisScope()
    expect(await client.keys('*vl-*')).toEqual([])
    const clients = String(await client.client('LIST')).split('\\n')
    expect(clients.filter((line) => / name=vl-/.test(line))).toEqual([])
    const { rows } = await pg.query("SELECT to_regclass('left_over') AS found")
    expect(rows).toEqual([{ found: null }])
    expect((await pg.query(\`${databases}\`)).rows).toEqual([])
  })
`

const ENDINGS = {
  fails: [using('ends', "throw new Error('fails')"), 'fails'],
  'times out': [
    using('ends', "await pg.query('SELECT pg_sleep(60)')", '{ timeout: 3_000 }'),
    'Test timed out in 3000ms',
  ],
  'has a hook after it that throws': [
    `describe('hooks', () => {
      afterEach(() => { throw new Error('the hook fails') })
      ${using('ends', '')}
    })`,
    'the hook fails',
  ],
  'has a job that never ends': [
    `test.override({ bullmqOptions: { grace: 100 } })\n${using('ends', '')}`,
    undefined,
  ],
} as const
type Ending = readonly [title: string, body: string, failure: string | undefined]
const endings = Object.entries(ENDINGS).map(([title, [body, failure]]): Ending => [title, body, failure])

/** What a test or a run of fixtures can leave on the servers. */
async function left(): Promise<{ keys: string[]; connections: string[]; databases: string[] }> {
  const redis = new Redis(process.env['REDIS_URL'] ?? '')
  const pg = new Client(process.env['DATABASE_URL'])
  await pg.connect()
  const filled = shared ? [] : Array.from((await redis.info('keyspace')).matchAll(/^db(\d+):/gm))
  const keys = await redis.keys('*')
  for (const [, db] of filled) {
    await redis.select(Number(db))
    keys.push(...(await redis.keys('*')))
  }
  const clients = String(await redis.client('LIST')).split('\n')
  const { rows } = await pg.query<{ name: string }>(
    "SELECT datname AS name FROM pg_database WHERE datname ~ '^lanes_[a-z0-9]{10}_' AND datconnlimit > 0",
  )
  const sessions = await pg.query<{ name: string }>(
    "SELECT application_name AS name FROM pg_stat_activity WHERE application_name LIKE 'vitest-lanes fixture%'",
  )
  redis.disconnect()
  await pg.end()
  const names = clients.flatMap((line) => / name=((?:vl-|vitest-lanes:fixture)\S*)/.exec(line)?.[1] ?? [])
  return {
    keys,
    connections: [...names, ...sessions.rows.map(({ name }) => name)],
    databases: rows.map(({ name }) => name),
  }
}

const NOTHING = { keys: [], connections: [], databases: [] }

describe.each([
  ['without the plugin', PLAIN],
  ['with the plugin', NAMED],
])('%s, whatever way a test ends, nothing of it is left', (way, config) => {
  test.skipIf(shared && way === 'with the plugin').for(endings)('it %s', async ([, body, failure]) => {
    await using project = await createProject(
      { 'vitest.config.ts': config, 'a.test.ts': `${head}\n${body}\n${seesNothing()}` },
      installation,
    )

    const { report, record, stdout, stderr } = await project.run()

    const results = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? []
    const expected = failure === undefined ? ['passed', 'passed'] : ['failed', 'passed']
    expect(stdout + stderr).toContain(failure ?? '4 passed')
    expect(results.map(({ status }) => status)).toEqual([...expected, ...expected])
    expect(record?.findings ?? []).toEqual([])
    await expect.poll(left, { timeout: 10_000 }).toEqual(NOTHING)
  })
})

test('on servers of the run, no way to end leaves a finding, nor anything for the next test', async () => {
  const files = endings.map(([title, body]) => [`${title}.test.ts`, `${head}\n${body}\n${seesNothing()}`])
  await using project = await createProject(
    { 'vitest.config.ts': OWN, ...Object.fromEntries(files) },
    installation,
  )

  const { report, record } = await project.run()

  const results = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? []
  const ofTitle = (title: string) =>
    results.filter(({ fullName }) => fullName.endsWith(title)).map(({ status }) => status)
  expect(ofTitle('sees nothing of it')).toEqual(Array(2 * files.length).fill('passed'))
  expect(ofTitle('ends').filter((status) => status === 'failed')).toHaveLength(6)
  expect(record?.findings).toEqual([])
})

// In a thread, `reallyExit` ends the thread alone; Vitest refuses `process.exit` (4.1.12).
const KILL = {
  forks: "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
  threads: 'process.reallyExit(1)',
}

describe.each(['forks', 'threads'] as const)('a worker that is killed, of %s,', (pool) => {
  const killed = {
    'a.test.ts': `// ${'so that it goes first '.repeat(100)}\n${head}\n${using('ends', KILL[pool])}`,
  }

  test('leaves what the next run takes away', async () => {
    await using project = await createProject(
      {
        'vitest.config.ts': PLAIN,
        ...killed,
        'b.test.ts': `${head}\ntest('works', async ({ redis, database }) => { await redis.set('a', '1') })`,
      },
      installation,
    )

    const first = await project.run(['a.test.ts', '--project', pool])
    const between = await left()
    const next = await project.run(['b.test.ts', '--project', pool])

    expect(first.code).toBe(1)
    expect(between.keys).not.toEqual([])
    expect(between.databases).not.toEqual([])
    expect(next.code).toBe(0)
    await expect.poll(left, { timeout: 10_000 }).toEqual(NOTHING)
  })

  test.skipIf(shared)('leaves nothing where there is the plugin, not even to the file after it', async () => {
    await using project = await createProject(
      {
        'vitest.config.ts': NAMED,
        ...killed,
        // Its databases are dropped at the end of the run.
        'b.test.ts': `${head}\n${seesNothing('SELECT 1 WHERE false')}`,
      },
      installation,
    )

    const run = await project.run(['--project', pool])

    expect(run.code).toBe(1)
    expect(recorded(run)).toEqual({ 'a.test.ts': 'failed', 'b.test.ts': 'passed' })
    await expect.poll(left, { timeout: 10_000 }).toEqual(NOTHING)
  })
})
