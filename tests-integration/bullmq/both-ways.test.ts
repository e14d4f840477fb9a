import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { namedServer, SERVERS } from '../postgres/support/named.ts'
import { query } from '../postgres/support/provider.ts'
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

const config = `
  import { postgres } from '@vitest-lanes/postgres'
  import { redis } from '@vitest-lanes/redis'
  import { lanes } from 'vitest-lanes'
  const resources = { redis: redis(), postgres: postgres({ migrate: './migrations' }) }
  const project = (pool) => ({ extends: true, test: { name: pool, pool, include: ['*.test.ts'] } })
  export default {
    plugins: process.env.PLAIN === undefined ? [lanes({ resources, files: { '**': Object.keys(resources) } })] : [],
    test: { projects: [project('forks'), project('threads')] },
  }
`

const MIGRATION = `
  CREATE TABLE mails (id serial PRIMARY KEY, recipient text UNIQUE NOT NULL);
  INSERT INTO mails (recipient) VALUES ('ada');
`

/** Tells all that a test can see by its fixtures, but for names that are new each time. */
const FILE = `
  import { test } from '@vitest-lanes/bullmq/fixture'
  import { describe } from 'vitest'
  import { tell } from '/events.ts'

  const seen = (task, what) => tell('seen', { project: task.file.projectName, test: task.name, saw: what })
  const reason = (promise) => promise.then(() => 'none', (error) => error.message.split('\\n', 1)[0].replace(/after \\d+ ms/, ''))
  const rows = async (client, text) => (await client.query(text)).rows

  for (const name of ['first', 'second']) {
    test('redis, ' + name, async ({ redis, task }) => {
      const before = await redis.keys('*')
      await redis.mset('user:1', 'a', 'user:2', 'b')
      seen(task, {
        before,
        keys: (await redis.keys('user:*')).toSorted(),
        size: await redis.dbsize(),
        flushed: await redis.flushdb(),
        after: await redis.dbsize(),
      })
    })

    test('pg, ' + name, async ({ pg, pgPool, task }) => {
      const before = await rows(pg, 'SELECT recipient FROM mails')
      const client = await pgPool.connect()
      await client.query('BEGIN')
      await client.query("INSERT INTO mails (recipient) VALUES ('grace')")
      await client.query('COMMIT')
      client.release()
      seen(task, {
        before,
        after: await rows(pg, 'SELECT recipient FROM mails ORDER BY 1'),
        twice: await reason(pg.query("INSERT INTO mails (recipient) VALUES ('grace')")),
        prepare: await reason(pg.query("PREPARE TRANSACTION 'later'")),
      })
    })
  }

  test('database', async ({ database, task }) => {
    await database.client.query("INSERT INTO mails (recipient) VALUES ('grace')")
    seen(task, {
      rows: await rows(database.pool, 'SELECT recipient FROM mails ORDER BY 1'),
      env: Object.keys(database.env),
      name: /^lanes_[a-z0-9]{10}_\\d+$/.test(database.name),
    })
  })

  describe('none', () => {
    test.override({ isolation: 'none' })
    test('pg that commits', async ({ pg, task }) => {
      await pg.query('CREATE TABLE kept (id int)')
      seen(task, { tables: await rows(pg, "SELECT to_regclass('kept')::text AS kept") })
      await pg.query('DROP TABLE kept')
    })
  })

  test('bullmq', async ({ bullmq, redis, task }) => {
    const mails = bullmq.queue('mails')
    const waits = await mails.add('waits', {})
    const idle = await reason(bullmq.settled(waits, { timeout: 300 }))
    bullmq.worker('mails', async ({ name }) => {
      if (name === 'fails') throw new Error('no mailbox')
      return name
    })
    const fails = await mails.add('fails', {}, { attempts: 2 })
    seen(task, {
      idle,
      ids: [waits.id, fails.id],
      settled: await bullmq.settled(waits),
      failed: await reason(bullmq.settled(fails)),
      processed: (await bullmq.processed(mails, 2)).map(({ jobId, state }) => [jobId, state]),
      unknown: await reason(bullmq.settled('77', { queue: mails, timeout: 300 })),
      keys: (await redis.keys('bull:mails:*')).filter((key) => !/stalled|marker|events/.test(key)).toSorted(),
      env: Object.keys(bullmq.env),
      prefix: /^vl-[0-9a-f]{16}-\\d+:bull$/.test(bullmq.prefix),
    })
  })

  test('bullmq that another test has used', async ({ bullmq, task }) => {
    seen(task, { counts: await bullmq.queue('mails').getJobCounts(), id: (await bullmq.queue('mails').add('next', {})).id })
  })
`

test('one file of fixtures behaves the same with the plugin and without it, in forks and in threads', async () => {
  await using project = await createProject(
    { 'vitest.config.ts': config, 'migrations/1.sql': MIGRATION, 'fixtures.test.ts': FILE },
    installation,
  )
  const PLAIN = '1'
  const DATABASE_URL = await migratedDatabase()

  const leased = await project.run()
  const plain = await project.run(['--no-file-parallelism'], { env: { PLAIN, DATABASE_URL } })

  const ways = [leased, plain].flatMap(({ report, events }) => {
    expect(report?.numPassedTests).toBe(2 * 8)
    return ['forks', 'threads'].map((pool) =>
      events
        .filter(({ what, project: name }) => what === 'seen' && name === pool)
        .map(({ test: title, saw }) => ({ title, saw })),
    )
  })
  expect(leased.record?.findings).toEqual([])
  expect(plain.record).toBeUndefined()
  expect(ways[0]).toHaveLength(8)
  for (const way of ways) expect(way).toEqual(ways[0])
})

/** On a server on which no plugin is at work. */
async function migratedDatabase(): Promise<string> {
  const server = await namedServer(SERVERS[0]!)
  await query(server.url, 'ALTER DATABASE foreign_data OWNER TO builder')
  await query(server.url, "UPDATE pg_database SET datistemplate = false WHERE datname = 'lanes_template'")
  await query(server.builder, MIGRATION)
  return server.builder
}
