import { describe, expect, test } from 'vitest'
import { namedServer, SERVERS, type NamedServer } from './support/named.ts'
import { project, query, startRun } from './support/provider.ts'
import { runElsewhere } from './support/run-elsewhere.ts'

const MIGRATIONS = {
  'm/1.sql': "create table users (id serial primary key, name text); create type mood as enum ('good')",
  'm/2.sql': 'create function shout(text) returns text language sql as $$ select upper($1) $$',
}
const SCHEMAS = `select nspname, obj_description(oid) from pg_namespace where nspname !~ '^pg_' order by 1`

/** A named server whose role may create schemas in its database, and no databases. */
async function withoutCreatedb(
  engine: (typeof SERVERS)[number],
): Promise<NamedServer & { schemas(): Promise<unknown[]> }> {
  const named = await namedServer(engine)
  await query(named.url, 'alter role builder nocreatedb')
  await query(named.url, 'grant create on database foreign_data to builder')
  const url = new URL(named.url)
  url.pathname = '/foreign_data'
  await query(url.href, 'create schema lanes_abcdefghij_1; create table public.users (theirs int)')
  return { ...named, schemas: () => query(url.href, SCHEMAS) }
}

describe.each(SERVERS)('a schema an instance, %s', (engine) => {
  test('each file gets a schema of its own, built from the migrations, and all is as before at the end', async () => {
    const named = await withoutCreatedb(engine)
    const before = await named.schemas()
    const root = await project(MIGRATIONS)
    const run = await startRun(
      {
        server: named.builder,
        isolation: 'schema',
        migrate: './m',
        seed: async ({ url }) => void (await query(url, "insert into users (name) values ('ada')")),
      },
      { root },
    )
    const [one, two] = await Promise.all([run.open(), run.open()])
    await query(one, "insert into users (name) values ('grace')")
    expect(await query(one, 'select shout(name) as name from users order by id')).toEqual([
      { name: 'ADA' },
      { name: 'GRACE' },
    ])
    expect(await query(two, 'select name from users')).toEqual([{ name: 'ada' }])
    await one.dispose()
    await run.stop()
    expect(await named.schemas()).toEqual(before)
  })

  test('the variables of the C library lead to the same schema', async () => {
    const named = await withoutCreatedb(engine)
    const run = await startRun({ server: named.builder, isolation: 'schema' })
    const { env } = await run.open()
    expect(env['PGOPTIONS']).toMatch(new RegExp(`^-c search_path=lanes_${run.runId}_1,public$`))
    expect(env['PGDATABASE']).toBe('foreign_data')
  })

  test('files that share get one schema, which they can read and not write', async () => {
    const named = await withoutCreatedb(engine)
    const root = await project(MIGRATIONS)
    const run = await startRun({ server: named.builder, isolation: 'schema', migrate: './m' }, { root })
    const [one, two] = await Promise.all([run.open('shared'), run.open('shared')])
    expect(one.env).toEqual(two.env)
    expect(await query(one, 'select * from users')).toEqual([])
    await expect(query(one, "insert into users (name) values ('ada')")).rejects.toThrow('read-only')
  })

  test('what a killed run left is dropped by the next, and nothing else', async () => {
    const named = await withoutCreatedb(engine)
    const before = await named.schemas()
    const { child } = await runElsewhere({ server: named.builder, isolation: 'schema' })
    expect((await named.schemas()).length).toBeGreaterThan(before.length)
    child.kill('SIGKILL')
    await expect.poll(() => query(named.url, "select from pg_locks where locktype = 'advisory'")).toEqual([])
    await (await startRun({ server: named.builder, isolation: 'schema' })).stop()
    expect(await named.schemas()).toEqual(before)
  })

  test('a migration that creates an extension is refused, since the next schema could not have it', async () => {
    const named = await withoutCreatedb(engine)
    const root = await project({ 'm/1.sql': 'create extension citext' })
    const run = await startRun({ server: named.builder, isolation: 'schema', migrate: './m' }, { root })
    await expect(run.open()).rejects.toThrow('create extensions (citext)')
  })

  test('a role that may not create schemas is told so', async () => {
    const named = await withoutCreatedb(engine)
    await query(named.url, 'revoke create on database foreign_data from builder')
    await expect(startRun({ server: named.builder, isolation: 'schema' })).rejects.toThrow(
      'may not create schemas',
    )
  })
})
