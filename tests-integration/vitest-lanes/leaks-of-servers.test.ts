import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { installed, workspace } from '../support/installation.ts'
import { createProject } from '../support/project.ts'

const MODULES = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules')
const { packages } = installed(MODULES, process.execPath, ['bullmq', 'ioredis', 'pg'])
const installation = { ...workspace, packages: { ...workspace.packages, ...packages } }

const config = (options: string, test: string) => `
  import { postgres } from '@vitest-lanes/postgres'
  import { redis } from '@vitest-lanes/redis'
  import { lanes } from 'vitest-lanes'
  import { defineConfig } from 'vitest/config'
  export default defineConfig({
    plugins: [
      lanes({
        lanes: 2,
        resources: { redis: redis(), postgres: postgres({ migrate: './migrations' }) },
        files: { '**': ['redis', 'postgres'] },
        ${options}
      }),
    ],
    test: ${test},
  })
`

const HEAD = `
  import { Queue, QueueEvents, Worker } from 'bullmq'
  import { Redis } from 'ioredis'
  import { Pool } from 'pg'
  import { afterAll, expect, test } from 'vitest'
  const connection = { url: process.env.REDIS_URL }
`

const FILES = {
  'migrations/1.sql': 'CREATE TABLE mails (id text PRIMARY KEY);',
  'well-behaved.test.ts': `${HEAD}
    const pool = new Pool({ connectionString: process.env.DATABASE_URL })
    const redis = new Redis(process.env.REDIS_URL)
    const mails = new Queue('mails', { connection })
    const events = new QueueEvents('mails', { connection })
    const worker = new Worker('mails', async ({ data }) => {
      await pool.query('INSERT INTO mails VALUES ($1)', [data.to])
    }, { connection })
    afterAll(async () => {
      await worker.close()
      await events.close()
      await mails.close()
      await pool.query('DELETE FROM mails')
      await pool.end()
      redis.disconnect()
    })
    test('sends a mail', async () => {
      await events.waitUntilReady()
      const job = await mails.add('welcome', { to: 'ada' })
      await job.waitUntilFinished(events)
      expect((await pool.query('SELECT * FROM mails')).rows).toEqual([{ id: 'ada' }])
      await redis.multi().set('key', 1).del('key').exec()
    })`,
}

describe.each(['forks', 'threads'])('%s', (pool) => {
  test('a file of BullMQ and pg that closes what it opens passes, though each finding would fail it', async () => {
    await using project = await createProject(
      { 'vitest.config.ts': config("leaks: 'fail', undeclared: 'fail'", `{ pool: '${pool}' }`), ...FILES },
      installation,
    )

    const run = await project.run()

    expect(run.record?.findings).toEqual([])
    expect(run.code).toBe(0)
  })

  test('what a file leaves on real servers is told, with the file, and the test where it can be told', async () => {
    await using project = await createProject(
      {
        'vitest.config.ts': config('', `{ pool: '${pool}' }`),
        ...FILES,
        'leaves.test.ts': `${HEAD}
          test('opens', async () => {
            const worker = new Worker('mails', async () => {}, { connection })
            await worker.waitUntilReady()
            const pool = new Pool({ connectionString: process.env.DATABASE_URL, application_name: 'app' })
            await pool.query('SELECT 1')
          })
          test('writes', async () => {
            const redis = new Redis(process.env.REDIS_URL)
            await redis.set('left', 1)
            redis.disconnect()
          })`,
      },
      installation,
    )

    const run = await project.run()

    expect(run.code).toBe(0)
    const findings = run.record?.findings.map(({ kind, file, test: title }) => [kind, file, title])
    const byKind = findings?.toSorted(([a = ''], [b = '']) => a.localeCompare(b))
    expect(byKind).toEqual([
      ['postgres-connection-open', 'leaves.test.ts', 'opens'],
      ['redis-keys-left', 'leaves.test.ts', undefined],
      ['redis-worker-open', 'leaves.test.ts', 'opens'],
    ])
    expect(run.record?.findings.find(({ kind }) => kind === 'postgres-connection-open')?.message).toBe(
      "1 connection to postgres left open, by app, opened at leaves.test.ts:12 in 'opens'.",
    )
  })
})

test('an address that is redirected to the instance of a file is no undeclared use', async () => {
  await using project = await createProject(
    {
      'vitest.config.ts': `
        import { postgres } from '@vitest-lanes/postgres'
        import { redis } from '@vitest-lanes/redis'
        import { lanes } from 'vitest-lanes'
        import { defineConfig } from 'vitest/config'
        const own = { isolation: 'server', users: { app: 'app' }, databases: ['app'] }
        export default defineConfig({
          plugins: [
            lanes({
              undeclared: 'fail',
              resources: {
                redis: redis({ redirect: ['localhost:6379'] }),
                postgres: postgres({ ...own, redirect: ['localhost:5432'] }),
              },
              files: { '**': ['redis', 'postgres'] },
            }),
          ],
        })`,
      'hard-coded.test.ts': `${HEAD}
        test('connects', async () => {
          const redis = new Redis(6379)
          expect(await redis.ping()).toBe('PONG')
          redis.disconnect()
          const pool = new Pool({ connectionString: 'postgres://app:app@localhost:5432/app' })
          expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
          await pool.end()
        })`,
    },
    installation,
  )

  const run = await project.run()

  expect(run.record?.findings).toEqual([])
  expect(run.code).toBe(0)
})
