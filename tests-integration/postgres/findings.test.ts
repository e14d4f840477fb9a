import type { Finding, OpenInstance } from '@vitest-lanes/core'
import { Client, Pool } from 'pg'
import { describe, expect, test } from 'vitest'
import { namedServer, SERVERS } from './support/named.ts'
import { ENGINES, project, query, startRun, urlOf, type Run } from './support/provider.ts'

const MIGRATION = `
  CREATE TABLE users (id bigserial PRIMARY KEY, name text);
  CREATE TABLE countries (code text);
  INSERT INTO countries VALUES ('at'), ('de');
`

const kinds = (findings: readonly Finding[] | undefined) => findings?.map(({ kind }) => kind)
const messages = (findings: readonly Finding[] | undefined) => findings?.map(({ message }) => message)

async function withClient(instance: OpenInstance, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: urlOf(instance) })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

async function connected(instance: OpenInstance, name: string): Promise<Client> {
  const client = new Client({ connectionString: urlOf(instance), application_name: name })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

describe.each(ENGINES)('%s', (engine) => {
  async function start(settings: Readonly<Record<string, string>> = {}): Promise<Run> {
    const root = await project({ 'migrations/1.sql': MIGRATION })
    return startRun({ engine, migrate: './migrations', settings }, { root })
  }

  test('a file that closes what it opened, and deletes what it wrote, leaves nothing to tell', async () => {
    const instance = await (await start()).open()
    expect(await instance.inspect?.()).toEqual([])
    const pool = new Pool({ connectionString: urlOf(instance), max: 3 })
    await Promise.all(
      [1, 2, 3].map((id) => pool.query('INSERT INTO users (name) VALUES ($1)', [`user ${id}`])),
    )
    await pool.query('CREATE TABLE scratch (id int); DROP TABLE scratch')
    await pool.query("INSERT INTO countries VALUES ('fr')")
    await pool.query('DELETE FROM users')
    await pool.query("BEGIN; INSERT INTO users (name) VALUES ('nobody'); ROLLBACK")
    await pool.end()
    expect(await instance.inspect?.()).toEqual([])
  })

  test('rows in tables that were empty are told, however the tables were emptied before', async () => {
    const instance = await (await start()).open()
    await withClient(instance, (client) =>
      client.query(`
        INSERT INTO users (name) VALUES ('a'), ('b');
        TRUNCATE users, countries;
        INSERT INTO users (name) VALUES ('c'), ('d'), ('e');
        INSERT INTO countries VALUES ('fr')`),
    )
    expect(await instance.inspect?.()).toEqual([
      {
        kind: 'postgres-rows-left',
        message: 'Rows left in postgres, in tables that were empty: public.users (about 3).',
        resource: 'postgres',
      },
    ])
  })

  test('what was created and stays is told, without what belongs to it', async () => {
    const instance = await (await start()).open()
    await withClient(instance, (client) =>
      client.query(`
        CREATE SCHEMA own;
        CREATE TABLE own.notes (id serial PRIMARY KEY, text text UNIQUE);
        CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TYPE mood AS ENUM ('fine');
        CREATE TEMP TABLE gone (id int)`),
    )
    expect(messages(await instance.inspect?.())).toEqual([
      'Created in postgres and left there: schema own, table own.notes, function public.one, and 1 more.',
    ])
  })
})

test('connections and transactions that a file leaves open are told, by their names', async () => {
  const run = await startRun({})
  const instance = await run.open()
  const client = await connected(instance, 'worker')
  await client.query('begin; select 1')
  expect(await instance.inspect?.()).toEqual([
    {
      kind: 'postgres-connection-open',
      message: '1 connection to postgres left open, by worker.',
      resource: 'postgres',
    },
    {
      kind: 'postgres-transaction-open',
      message: '1 transaction to postgres left open, by worker.',
      resource: 'postgres',
    },
  ])
  await client.end()
  expect(await instance.inspect?.()).toEqual([])
})

test('who opened a connection is named, where that is known', async () => {
  const run = await startRun({})
  const instance = await run.open()
  const client = await connected(instance, 'worker')
  const findings = await instance.inspect?.({
    path: import.meta.filename,
    openerOf: () => ({ test: 'sends a mail', place: 'src/db.ts:3' }),
  })
  expect(findings).toEqual([
    {
      kind: 'postgres-connection-open',
      message: "1 connection to postgres left open, by worker, opened at src/db.ts:3 in 'sends a mail'.",
      resource: 'postgres',
      test: 'sends a mail',
      place: 'src/db.ts:3',
    },
  ])
  await client.end()
})

test('locks that stay held, and transactions that were prepared and not ended, are told', async () => {
  const run = await startRun({ settings: { max_prepared_transactions: '5' } })
  const instance = await run.open()
  const client = await connected(instance, 'worker')
  await client.query('SELECT pg_advisory_lock(7)')
  await withClient(instance, (other) =>
    other.query("BEGIN; CREATE TABLE half (id int); PREPARE TRANSACTION 'half'"),
  )

  const findings = await instance.inspect?.()
  await withClient(instance, (other) => other.query("ROLLBACK PREPARED 'half'"))
  await client.end()

  expect(kinds(findings)).toEqual([
    'postgres-connection-open',
    'postgres-lock-held',
    'postgres-transaction-prepared',
  ])
  expect(messages(findings)?.slice(1)).toEqual([
    '1 lock in postgres still held by what is open: advisory.',
    '1 prepared transaction left in postgres: half.',
  ])
})

test('locks on tables are told that keep others from writing, and not those that every statement takes', async () => {
  const root = await project({ 'migrations/1.sql': MIGRATION })
  const run = await startRun({ migrate: './migrations' }, { root })
  const instance = await run.open()
  const client = await connected(instance, 'worker')
  await client.query("BEGIN; INSERT INTO users (name) VALUES ('a'); SELECT * FROM countries FOR UPDATE")
  expect(kinds(await instance.inspect?.())).toEqual(['postgres-connection-open', 'postgres-transaction-open'])

  await client.query('LOCK TABLE countries IN ACCESS EXCLUSIVE MODE')
  const findings = await instance.inspect?.()
  await client.end()

  expect(messages(findings)?.slice(2)).toEqual([
    '1 lock in postgres still held by what is open: AccessExclusiveLock.',
  ])
  expect(await instance.inspect?.()).toEqual([])
})

test('what is open on a server of the file is told as well', async () => {
  const run = await startRun({ isolation: 'server' })
  const instance = await run.open()
  expect(await instance.inspect?.()).toEqual([])
  const client = await connected(instance, 'worker')
  expect(kinds(await instance.inspect?.())).toEqual(['postgres-connection-open'])
  await client.end()
})

test('nothing is told of a database that files share', async () => {
  const run = await startRun({})
  expect(await run.open('shared')).not.toHaveProperty('inspect')
})

describe.each(SERVERS)('on a server that is named, %s', (server) => {
  test('connections, transactions and locks are told, and nothing of rows and objects', async () => {
    const named = await namedServer(server)
    const root = await project({ 'migrations/1.sql': MIGRATION })
    const run = await startRun({ server: named.builder, migrate: './migrations' }, { root })
    const [instance, other] = await Promise.all([run.open(), run.open()])
    await withClient(instance, (client) =>
      client.query("INSERT INTO users (name) VALUES ('a'); CREATE TABLE made (id int)"),
    )
    expect(await instance.inspect?.()).toEqual([])
    const client = await connected(instance, 'worker')
    await client.query('BEGIN; SELECT pg_advisory_lock(7)')

    const findings = await instance.inspect?.()

    expect(kinds(findings)).toEqual([
      'postgres-connection-open',
      'postgres-transaction-open',
      'postgres-lock-held',
    ])
    expect(await other.inspect?.()).toEqual([])
    await client.end()
  })

  test('nothing is told of a schema, whose database others use too', async () => {
    const named = await namedServer(server)
    await query(named.url, 'grant create on database foreign_data to builder')
    const run = await startRun({ server: named.builder, isolation: 'schema' })
    expect(await run.open()).not.toHaveProperty('inspect')
  })
})
