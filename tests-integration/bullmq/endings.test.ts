import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { installed, workspace } from '../support/installation.ts'
import { createProject } from '../support/project.ts'

const MODULES = join(fileURLToPath(new URL('../..', import.meta.url)), 'node_modules')
const installation = {
  ...workspace,
  packages: {
    ...workspace.packages,
    ...installed(MODULES, process.execPath, ['@vitest-lanes/bullmq', 'bullmq', 'ioredis', 'pg']).packages,
  },
}

// Without the plugin: the projects use the servers of this file.
const config = `
  const project = (pool) => ({ test: { name: pool, pool, include: ['*.test.ts'] } })
  export default { test: { projects: [project('forks'), project('threads')] } }
`

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

/** What a test or a run of fixtures can leave on the servers. */
async function left(): Promise<{ keys: string[]; connections: string[]; databases: string[] }> {
  const redis = new Redis(process.env['REDIS_URL'] ?? '')
  const pg = new Client(process.env['DATABASE_URL'])
  await pg.connect()
  const keys = await redis.keys('*')
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

describe('whatever way a test ends, nothing of it is left', () => {
  test.for([
    ['it fails', using('ends', "throw new Error('fails')"), 'fails'],
    [
      'it times out',
      using('ends', "await pg.query('SELECT pg_sleep(60)')", '{ timeout: 3_000 }'),
      'Test timed out in 3000ms',
    ],
    [
      'a hook after it throws',
      `describe('hooks', () => {
        afterEach(() => { throw new Error('the hook fails') })
        ${using('ends', '')}
      })`,
      'the hook fails',
    ],
    ['a job never ends', `test.override({ bullmqOptions: { grace: 100 } })\n${using('ends', '')}`, undefined],
  ] as const)('%s', async ([, body, failure]) => {
    await using project = await createProject(
      {
        'vitest.config.ts': config,
        'a.test.ts': `${head}\n${body}
          test('sees nothing of it', async ({ redisScope, postgresFile, pg, expect }) => {
            const { client } = await redisScope()
            expect(await client.keys('vl-*')).toEqual([])
            const { rows } = await pg.query("SELECT to_regclass('left_over') AS found")
            expect(rows).toEqual([{ found: null }])
          })`,
      },
      installation,
    )

    const { report, stdout, stderr } = await project.run()

    const results = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? []
    const expected = failure === undefined ? ['passed', 'passed'] : ['failed', 'passed']
    expect(stdout + stderr).toContain(failure ?? '4 passed')
    expect(results.map(({ status }) => status)).toEqual([...expected, ...expected])
    await expect.poll(left, { timeout: 10_000 }).toEqual(NOTHING)
  })
})

describe('a worker process that is killed', () => {
  test('leaves what the next run takes away', async () => {
    await using project = await createProject(
      {
        'vitest.config.ts': "export default { test: { include: ['*.test.ts'], pool: 'forks' } }",
        'a.test.ts': `${head}\n${using('ends', "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})")}`,
        'b.test.ts': `${head}\ntest('works', async ({ redis, database }) => { await redis.set('a', '1') })`,
      },
      installation,
    )

    const killed = await project.run(['a.test.ts'])
    const between = await left()
    const next = await project.run(['b.test.ts'])

    expect(killed.code).toBe(1)
    expect(between.keys).not.toEqual([])
    expect(between.databases).not.toEqual([])
    expect(next.code).toBe(0)
    await expect.poll(left, { timeout: 10_000 }).toEqual(NOTHING)
  })
})
