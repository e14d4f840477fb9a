import type { FootprintPart, OpenInstance } from '@vitest-lanes/core'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { ENGINES, project, startRun, urlOf, type Run } from './support/provider.ts'

const MIGRATION = `
  CREATE TABLE users (id bigserial PRIMARY KEY, name text);
  CREATE TABLE posts (id serial PRIMARY KEY, author bigint REFERENCES users);
  CREATE TABLE countries (code text);
  INSERT INTO countries VALUES ('at'), ('de');
  CREATE FUNCTION announce() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock(42); PERFORM pg_notify('from-function', 'x'); END $$;
`

async function withClient(instance: OpenInstance, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: urlOf(instance), application_name: 'a test' })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

async function partOf(
  instance: OpenInstance,
  work: (client: Client) => Promise<unknown>,
): Promise<FootprintPart> {
  const watching = await instance.watch!()
  await withClient(instance, work)
  return watching.stop()
}

const shown = (uses: FootprintPart['uses'] = []) =>
  [...new Set(uses.map(({ kind, name, mode }) => `${mode} ${kind} ${name}`))].sort()

describe.each(ENGINES)('%s', (engine) => {
  async function start(options: Parameters<typeof startRun>[0] = {}): Promise<Run> {
    const root = await project({ 'migrations/1.sql': MIGRATION })
    return startRun({ engine, migrate: './migrations', ...options }, { root })
  }

  test('tables that a file reads and writes are seen, and sequences, though it rolls back', async () => {
    const instance = await (await start()).open()
    const { uses, unseen } = await partOf(instance, async (client) => {
      await client.query('SELECT * FROM countries')
      await client.query('BEGIN')
      await client.query('INSERT INTO users (name) VALUES ($1)', ['nobody'])
      await client.query('ROLLBACK')
    })
    expect(shown(uses)).toEqual([
      'read table public.countries',
      'write sequence public.users_id_seq',
      'write table public.users',
    ])
    expect(unseen).toBeUndefined()
  })

  test('definitions, locks and notifications are seen, within functions too', async () => {
    const instance = await (await start()).open()
    const { uses } = await partOf(instance, async (client) => {
      await client.query('CREATE TABLE notes (id int); TRUNCATE posts')
      await client.query('LISTEN news')
      await client.query('SELECT pg_notify($1, $2)', ['others', 'hello'])
      await client.query('SELECT pg_advisory_lock($1)', [7])
      await client.query('SELECT announce()')
    })
    expect(shown(uses)).toEqual([
      'read channel news',
      // TRUNCATE builds its indexes anew.
      'read table public.posts',
      'write channel from-function',
      'write channel others',
      'write lock 42',
      'write lock 7',
      'write table public.notes',
      'write table public.posts',
    ])
  })

  test('what goes beyond a database of its own is told as that', async () => {
    const instance = await (await start()).open()
    const { uses, beyond } = await partOf(instance, (client) => client.query('CREATE ROLE visitor'))
    expect(shown(beyond)).toEqual(['write postgres server role visitor'])
    expect(shown(uses)).toEqual(['read server a connection'])
  })

  test('other files on the same server are not seen, nor is what the provider does itself', async () => {
    const run = await start()
    const [one, other] = [await run.open(), await run.open()]
    const [watching, theirs] = [await one.watch!(), await other.watch!()]
    await withClient(other, (client) =>
      client.query("INSERT INTO users (name) VALUES ('other'); LISTEN others"),
    )
    await one.inspect?.()
    const [{ uses }, seen] = [await watching.stop(), await theirs.stop()]
    expect(shown(seen.uses)).toContain('read channel others')
    expect(uses).toEqual([])
  })

  test('a second file on the same server is watched as the first was', async () => {
    const run = await start()
    for (const channel of ['first', 'second']) {
      const instance = await run.open()
      const { uses } = await partOf(instance, (client) => client.query(`LISTEN ${channel}`))
      expect(shown(uses)).toEqual([`read channel ${channel}`])
      await instance.dispose()
    }
  })

  test('a server of its own is watched in all its databases', async () => {
    const run = await start({ isolation: 'server', users: { app: 'app' }, databases: ['app', 'audit'] })
    const instance = await run.open()
    const watching = await instance.watch!()
    await withClient(instance, (client) =>
      client.query("INSERT INTO users (name) VALUES ('a'); CREATE ROLE visitor"),
    )
    const { uses, beyond = [] } = await watching.stop()
    expect(shown(uses)).toEqual([
      'write postgres server role visitor',
      'write sequence app.public.users_id_seq',
      'write table app.public.users',
    ])
    expect(beyond).toEqual([])
  })
})

test.skipIf(ENGINES.length === 0)(
  'on a server that the user names, tables are seen, and the footprint says that statements are not',
  async () => {
    const host = await startRun({ engine: ENGINES[0]!, isolation: 'server', users: { app: 'app' } })
    const server = urlOf(await host.open())
    const root = await project({ 'migrations/1.sql': MIGRATION })
    for (const isolation of ['database', 'schema'] as const) {
      const run = await startRun({ server, migrate: './migrations', isolation }, { root })
      const instance = await run.open()
      const { uses, unseen } = await partOf(instance, async (client) => {
        await client.query("INSERT INTO users (name) VALUES ('a')")
        await client.query('LISTEN news')
      })
      expect(shown(uses)).toEqual(['write sequence public.users_id_seq', 'write table public.users'])
      expect(unseen).toEqual([expect.stringMatching(/advisory locks, LISTEN and NOTIFY/)])
      await run.stop()
    }
  },
)
