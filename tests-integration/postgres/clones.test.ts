import { describe, expect, test } from 'vitest'
import { ENGINES, project, query, startRun, urlOf } from './support/provider.ts'

const MIGRATIONS = {
  'migrations/1_users.sql': 'create table users (id serial primary key, name text not null);',
  'migrations/2_role.sql': `
    create role app_user login password 'app';
    grant select, insert on users to app_user;
    grant usage on sequence users_id_seq to app_user;
    alter table users enable row level security;
    create policy own on users using (name = current_setting('app.name', true));`,
  'migrations/10_extension.sql': 'create extension citext;',
  'seeds/users.sql': "insert into users (name) values ('ada'), ('grace');",
}

describe.each(ENGINES)('%s', (engine) => {
  test('each file gets a database of its own, migrated and seeded', async () => {
    const root = await project(MIGRATIONS)
    const run = await startRun({ engine, migrate: './migrations', seed: './seeds' }, { root })
    const [one, two] = await Promise.all([run.open(), run.open()])
    await query(one, "insert into users (name) values ('linus')")
    expect(await query(one, 'select name from users order by id')).toHaveLength(3)
    expect(await query(two, 'select name from users order by id')).toEqual([
      { name: 'ada' },
      { name: 'grace' },
    ])
    expect(one.env['PGDATABASE']).not.toBe(two.env['PGDATABASE'])
  })

  test('a database that was given back is never handed out again, and is dropped', async () => {
    const root = await project(MIGRATIONS)
    const run = await startRun({ engine, migrate: './migrations' }, { root })
    const used = await run.open()
    await query(used, "insert into users (name) values ('linus')")
    await used.dispose()
    const next = await run.open()
    expect(await query(next, 'select * from users')).toEqual([])
    const gone = `select from pg_database where datname = '${used.env['PGDATABASE']}'`
    await expect.poll(() => query(next, gone)).toEqual([])
  })

  test('dropping does not wait for those who are still connected', async () => {
    const run = await startRun({ engine })
    const used = await run.open()
    const asleep = query(used, 'select pg_sleep(600)').catch((error: Error) => error.message)
    const next = await run.open()
    const busy = `select from pg_stat_activity where datname = '${used.env['PGDATABASE']}' and state = 'active'`
    await expect.poll(() => query(next, busy)).toHaveLength(1)
    await used.dispose()
    expect(await asleep).toMatch(/terminat/)
  })

  test('roles of a migration can log in, and row-level security binds them, from the cache as well', async () => {
    const root = await project(MIGRATIONS)
    for (const _ of ['built', 'from the cache']) {
      const run = await startRun({ engine, migrate: './migrations', seed: './seeds' }, { root })
      const instance = await run.open()
      const url = new URL(urlOf(instance))
      url.username = 'app_user'
      url.password = 'app'
      const count = 'select current_user as who, count(*)::int from users'
      expect(await query(url.href, count)).toEqual([{ who: 'app_user', count: 0 }])
      url.searchParams.set('options', '-c app.name=ada')
      expect(await query(url.href, count)).toEqual([{ who: 'app_user', count: 1 }])
      expect(await query(instance, "select 'A'::citext = 'a'::citext as same")).toEqual([{ same: true }])
      await run.stop()
    }
  })

  test('settings and privileges that a migration gives its database are those of each clone', async () => {
    const root = await project({
      'm/1.sql': `
        create schema app;
        do $$ begin
          execute format('alter database %I set search_path = app, public', current_database());
          execute format('revoke temporary on database %I from public', current_database());
        end $$;`,
    })
    const run = await startRun({ engine, migrate: './m' }, { root })
    const instance = await run.open()
    expect(await query(instance, 'show search_path')).toEqual([{ search_path: 'app, public' }])
    expect(
      await query(
        instance,
        "select has_database_privilege('pg_monitor', current_database(), 'temporary') as may",
      ),
    ).toEqual([{ may: false }])
  })

  test('files that share get one common database, which they can read and not write', async () => {
    const root = await project(MIGRATIONS)
    const run = await startRun({ engine, migrate: './migrations', seed: './seeds' }, { root })
    const [one, two] = await Promise.all([run.open('shared'), run.open('shared')])
    expect(one.env).toEqual(two.env)
    expect(await query(one, 'select count(*)::int from users')).toEqual([{ count: 2 }])
    await expect(query(one, "insert into users (name) values ('x')")).rejects.toThrow('read-only transaction')
    await one.dispose()
    expect(await query(two, 'select count(*)::int from users')).toEqual([{ count: 2 }])
  })

  test('the variables are the usual ones, and those that the user names', async () => {
    const run = await startRun({ engine, env: ({ url, port }) => ({ DB_URL: url, DB_PORT: String(port) }) })
    const { env } = await run.open()
    expect(env).toMatchObject({ DB_URL: env['DATABASE_URL'], DB_PORT: env['PGPORT'], PGHOST: '127.0.0.1' })
    const { PGHOST: host, PGPORT: port, PGUSER: user, PGPASSWORD: password, PGDATABASE: database } = env
    expect(await query({ host, port: Number(port), user, password, database }, 'select 1 as one')).toEqual([
      { one: 1 },
    ])
    expect(Buffer.byteLength(database ?? '')).toBeLessThanOrEqual(63)
    expect(database).toContain(run.runId)
  })

  test('which server was chosen is told, without its password', async () => {
    const run = await startRun({ engine })
    const { env } = await run.open()
    expect(run.started?.source).toMatch(new RegExp(`^${engine} PostgreSQL \\d+`))
    expect(run.lines.join('\n')).toContain(run.started?.source)
    expect(run.lines.join('\n')).not.toContain(env['PGPASSWORD'])
  })

  test('a server of ours listens on loopback alone, and asks for the password of the run', async () => {
    const run = await startRun({ engine })
    const instance = await run.open()
    expect(await query(instance, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
    const url = new URL(urlOf(instance))
    url.password = 'guessed'
    await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed')
  })

  test('the user may set what the server is', async () => {
    const run = await startRun({ engine, settings: { wal_level: 'logical', work_mem: '7MB', jit: false } })
    const instance = await run.open()
    expect(await query(instance, 'show wal_level')).toEqual([{ wal_level: 'logical' }])
    expect(await query(instance, 'show work_mem')).toEqual([{ work_mem: '7MB' }])
  })
})
