import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { namedServer, SERVERS } from './support/named.ts'
import { project, query, startRun, urlOf } from './support/provider.ts'
import { runElsewhere } from './support/run-elsewhere.ts'

const MIGRATIONS = { 'm/1.sql': 'create table users (id serial primary key, name text)' }

describe.each(SERVERS)('a named server, %s', (engine) => {
  test('gets databases of ours, and is as before when the run has ended', async () => {
    const named = await namedServer(engine)
    const before = await named.databases()
    const root = await project(MIGRATIONS)
    const run = await startRun({ server: named.builder, migrate: './m' }, { root })
    const [one, two, shared] = await Promise.all([run.open(), run.open(), run.open('shared')])
    await query(one, "insert into users (name) values ('ada')")
    expect(await query(two, 'select * from users')).toEqual([])
    await expect(query(shared, "insert into users (name) values ('ada')")).rejects.toThrow('read-only')
    expect(one.env['PGDATABASE']).toMatch(new RegExp(`^lanes_${run.runId}_\\d+$`))
    await one.dispose()
    await run.stop()
    expect(await named.databases()).toEqual(before)
  })

  test('shows no password, in whatever is told', async () => {
    const named = await namedServer(engine)
    const run = await startRun({ server: named.builder })
    expect(run.started?.source).toMatch(/^named PostgreSQL \d+/)
    const told = JSON.stringify([run.lines, run.started])
    expect(told).not.toContain(named.password)
    expect(told).not.toContain(encodeURIComponent(named.password))
    expect((await run.open()).env['PGPASSWORD']).toBe(named.password)
  })

  test('serves several runs at once, which never meet', async () => {
    const named = await namedServer(engine)
    const before = await named.databases()
    const root = await project(MIGRATIONS)
    await Promise.all(
      ['ada', 'grace', 'linus'].map(async (name) => {
        const run = await startRun({ server: named.builder, migrate: './m' }, { root })
        for (let file = 0; file < 3; file++) {
          const instance = await run.open()
          await query(instance, `insert into users (name) values ('${name}')`)
          expect(await query(instance, 'select name from users')).toEqual([{ name }])
          await instance.dispose()
        }
        await run.stop()
      }),
    )
    expect(await named.databases()).toEqual(before)
  })

  test('is cleared of what a killed run left, and of nothing that a live one owns or another made', async () => {
    const named = await namedServer(engine)
    await query(named.url, 'create database lanes_abcdefghij_1')
    const before = await named.databases()
    const dead = await runElsewhere({ server: named.builder })
    const live = await runElsewhere({ server: named.builder })
    dead.child.kill('SIGKILL')
    const deadName = new URL(dead.url).pathname.slice(1)
    const sessions = `select from pg_stat_activity where datname = '${deadName}' or application_name = 'vitest-lanes'`
    // A loaded machine takes its time to tell a server that a client has gone.
    const patient = { timeout: 20_000 }
    await expect.poll(async () => (await query(named.url, sessions)).length, patient).toBeLessThanOrEqual(3)
    await (await startRun({ server: named.builder })).stop()
    const after = (await named.databases()).map((row) => row['datname'])
    expect(after).not.toContain(deadName)
    expect(await query(live.url, 'select 1 as one')).toEqual([{ one: 1 }])
    live.child.kill('SIGKILL')
    await expect
      .poll(() => query(named.url, "select from pg_locks where locktype = 'advisory'"), patient)
      .toEqual([])
    await (await startRun({ server: named.builder })).stop()
    expect(await named.databases()).toEqual(before)
  })

  test('keeps the databases of a run whose sessions were all ended', async () => {
    const named = await namedServer(engine)
    const run = await startRun({ server: named.builder })
    const instance = await run.open()
    await query(
      named.url,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'vitest-lanes'",
    )
    await (await startRun({ server: named.builder })).stop()
    expect(await query(instance, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(await query(await run.open(), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('gives fewer instances where it has few connections, and says so', async () => {
    const named = await namedServer(engine)
    await query(named.url, 'alter role builder connection limit 26')
    const run = await startRun({ server: named.builder }, { lanes: 8 })
    expect(run.started?.instances).toBe(2)
    expect(run.lines).toContain('postgres: 2 of 8 instances, for want of free connections')
  })

  test('gives each clone the settings and privileges of its template', async () => {
    const named = await namedServer(engine)
    const root = await project({
      'm/1.sql': `do $$ begin
        execute format('alter database %I set search_path = "a b", public', current_database());
        execute format('alter database %I set datestyle = %L', current_database(), 'ISO, DMY');
        execute format('revoke temporary on database %I from public', current_database());
      end $$;`,
    })
    const run = await startRun({ server: named.builder, migrate: './m' }, { root })
    const instance = await run.open()
    expect(
      await query(
        instance,
        "select current_setting('search_path') as path, current_setting('datestyle') as style",
      ),
    ).toEqual([{ path: '"a b", public', style: 'ISO, DMY' }])
    const may = "select has_database_privilege('pg_monitor', current_database(), 'temporary') as may"
    expect(await query(instance, may)).toEqual([{ may: false }])
  })

  test('tells a file why it cannot have a database', async () => {
    const named = await namedServer(engine)
    const run = await startRun({ server: named.builder }, { lanes: 1 })
    const first = await run.open()
    const template = `lanes_${run.runId}_template`
    await expect
      .poll(() => query(named.url, `select from pg_database where datname like 'lanes_${run.runId}%'`))
      .toHaveLength(3)
    await query(named.url, `alter database ${template} is_template false`)
    await query(named.url, `drop database ${template}`)
    await first.dispose()
    await run.open()
    await expect(run.open()).rejects.toThrow(
      expect.objectContaining({
        code: 'LANES_PROVIDER_OPEN',
        message: expect.stringContaining('could not clone the template'),
      }),
    )
  })

  test('is refused where its role may not create databases', async () => {
    const named = await namedServer(engine)
    await query(named.url, 'alter role builder nocreatedb')
    await expect(startRun({ server: named.builder })).rejects.toThrow(
      expect.objectContaining({
        code: 'LANES_SERVER_START',
        message: expect.stringContaining('The role builder may not create databases'),
      }),
    )
  })
})

test('a server that is not there is told, without the password', async () => {
  const failure = startRun({ server: 'postgresql://ada:secret@127.0.0.1:1/db' })
  await expect(failure).rejects.toThrow(/Could not connect to PostgreSQL at 127\.0\.0\.1:1: .*ECONNREFUSED/)
  await expect(failure).rejects.not.toThrow(/secret/)
})

test('a server that accepts and never answers is told', async () => {
  const mute = createServer()
  onTestFinished(() => void mute.close())
  await new Promise<void>((resolve) => {
    mute.listen(0, '127.0.0.1', resolve)
  })
  const address = mute.address()
  const port = typeof address === 'object' ? address?.port : 0
  await expect(startRun({ server: `postgresql://127.0.0.1:${port}/db` })).rejects.toThrow('Could not connect')
})

test('a URL that merely stands in the environment is not used', async () => {
  const run = await startRun({ engine: 'embedded' })
  const other = urlOf(await run.open())
  const { env } = process
  const before = env['DATABASE_URL']
  env['DATABASE_URL'] = other
  onTestFinished(() => {
    if (before === undefined) delete env['DATABASE_URL']
    else env['DATABASE_URL'] = before
  })
  const second = await startRun({ engine: 'embedded' })
  expect(new URL(urlOf(await second.open())).port).not.toBe(new URL(other).port)
})
