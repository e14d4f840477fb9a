import type { PostgresOptions } from '@vitest-lanes/postgres'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { project, query, startRun } from './support/provider.ts'

/** What was wrong with a run that could not start, colours and stack aside. */
async function failureOf(options: PostgresOptions, root: string): Promise<{ code: string; message: string }> {
  const failure: unknown = await startRun(options, { root }).then(
    () => undefined,
    (error: unknown) => error,
  )
  const { code, message } = Object(failure)
  return { code, message }
}

test('a failing migration shows its own error, its file and its line', async () => {
  const root = await project({
    'm/1.sql': 'create table a (id int);\n\ninsert into a\n  values (oops);\n',
  })
  const { code, message } = await failureOf({ migrate: './m' }, root)
  expect(code).toBe('LANES_MIGRATION')
  expect(message).toContain('Migration m/1.sql:4 failed: column "oops" does not exist')
  expect(message).toContain('> 4 |   values (oops);')
})

test('a migration that fails while it runs shows the line of its statement, and what the server adds', async () => {
  const root = await project({
    'm/1.sql':
      'create table a (id int primary key);\ninsert into a values (1);\n\n-- again\ninsert into a values (1);\n',
  })
  const { message } = await failureOf({ migrate: './m' }, root)
  expect(message).toContain('Migration m/1.sql:5 failed: duplicate key value')
  expect(message).toContain('Key (id)=(1) already exists.')
})

test('a migration that cannot run in a transaction runs statement by statement', async () => {
  const root = await project({
    'm/1.sql': 'create table a (id int);',
    'm/2.sql': 'create index concurrently one on a (id);\ncreate index concurrently two on a (id);',
    'm/3.sql': 'create index concurrently three on a (id);\ncreate index concurrently four on a (oops);',
  })
  const { message } = await failureOf({ migrate: './m' }, root)
  expect(message).toContain('Migration m/3.sql:2 failed: column "oops" does not exist')
})

test('what one file sets does not reach the next', async () => {
  const root = await project({
    'm/1.sql': "select pg_catalog.set_config('search_path', '', false); create temp table t ();",
    'm/2.sql': 'create table a (id int); create table t (id int);',
  })
  const run = await startRun({ migrate: './m' }, { root })
  expect(await query(await run.open(), "select to_regclass('public.a') is not null as made")).toEqual([
    { made: true },
  ])
})

test('a migration that leaves a transaction open is told so', async () => {
  const root = await project({ 'm/1.sql': 'begin; create table a (id int);' })
  const { message } = await failureOf({ migrate: './m' }, root)
  expect(message).toContain('m/1.sql ends with a transaction still open')
})

test('a command migrates with the variables of the template, from the root', async () => {
  const root = await project({
    'migrate.mjs': `
      import { readFileSync } from 'node:fs'
      import { Client } from ${JSON.stringify(import.meta.resolve('pg'))}
      const client = new Client(process.env.DB_URL)
      await client.connect()
      await client.query(readFileSync('schema.txt', 'utf8'))
      await client.end()`,
    'schema.txt': 'create table made_by_command ()',
  })
  const run = await startRun({ migrate: 'node migrate.mjs', env: ({ url }) => ({ DB_URL: url }) }, { root })
  expect(await query(await run.open(), 'select * from made_by_command')).toEqual([])
})

test('a command that fails shows what it printed, without the password', async () => {
  const root = await project({
    'migrate.mjs': 'console.log(process.env.DATABASE_URL); console.error("no way"); process.exit(3)',
  })
  const { code, message } = await failureOf({ migrate: 'node migrate.mjs' }, root)
  expect(code).toBe('LANES_MIGRATION')
  expect(message).toContain('`node migrate.mjs` ended with exit code 3')
  expect(message).toContain('no way')
  expect(message).toMatch(/postgresql:\/\/postgres:\*\*\*@127\.0\.0\.1/)
})

test('a function migrates with the address of the template, after the SQL before it', async () => {
  const root = await project({ 'schema.sql': 'create table a (id int);' })
  const run = await startRun(
    {
      migrate: ['./schema.sql', async ({ url }) => void (await query(url, 'insert into a values (7)'))],
    },
    { root },
  )
  expect(await query(await run.open(), 'select id from a')).toEqual([{ id: 7 }])
})

function failToMigrate(): never {
  throw new Error('no schema')
}

test('a function that throws is named', async () => {
  const { code, message } = await failureOf(
    {
      migrate: failToMigrate,
    },
    await project({}),
  )
  expect(code).toBe('LANES_MIGRATION')
  expect(message).toContain('`failToMigrate` failed: no schema')
})

test('a function that forgets a connection is told so, since nobody could clone the template', async () => {
  const clients: Client[] = []
  const { code, message } = await failureOf(
    {
      migrate: async ({ url }) => {
        const client = new Client({ connectionString: url, application_name: 'forgetful' })
        client.on('error', () => undefined)
        clients.push(client)
        await client.connect()
      },
    },
    await project({}),
  )
  expect(code).toBe('LANES_MIGRATION')
  expect(message).toContain('forgetful')
  await Promise.all(clients.map((client) => client.end()))
})

test('a path that does not exist is refused before a server starts', async () => {
  const { code, message } = await failureOf({ migrate: './migratoins' }, await project({}))
  expect(code).toBe('LANES_OPTION_INVALID')
  expect(message).toContain('./migratoins')
})
