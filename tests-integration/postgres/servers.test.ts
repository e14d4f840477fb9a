import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ENGINES, project, query, startRun, urlOf } from './support/provider.ts'
import { serverOf } from './support/server-process.ts'

const MIGRATIONS = {
  'm/1.sql': 'create table users (id serial primary key, name text); create role app_user',
}

describe.each(ENGINES)('a server an instance, %s', (engine) => {
  test('each file has a server of its own, with the users and databases that are named', async () => {
    const root = await project(MIGRATIONS)
    const options = {
      engine,
      isolation: 'server',
      migrate: './m',
      users: { 'my "app"': 'påss wørd', postgres: 'postgres' },
      databases: ['app_test', 'postgres'],
    } as const
    for (const _ of ['built', 'from the cache']) {
      const run = await startRun(options, { root })
      const [one, two] = await Promise.all([run.open(), run.open()])
      expect(one.env['PGPORT']).not.toBe(two.env['PGPORT'])
      expect(one.env).toMatchObject({ PGUSER: 'my "app"', PGPASSWORD: 'påss wørd', PGDATABASE: 'app_test' })
      await query(one, "insert into users (name) values ('ada'); create role only_here")
      expect(await query(two, 'select * from users')).toEqual([])
      expect(await query(two, "select from pg_roles where rolname = 'only_here'")).toEqual([])
      const hardCoded = `postgres://postgres:postgres@127.0.0.1:${two.env['PGPORT']}/postgres`
      expect(await query(hardCoded, 'select * from users')).toEqual([])
      await run.stop()
    }
  })

  test('the database is that of the usual user where none is named, and its password that of the run', async () => {
    const run = await startRun({ engine, isolation: 'server' })
    const { env } = await run.open()
    expect(env).toMatchObject({ PGUSER: 'postgres', PGDATABASE: 'postgres' })
    expect(env['PGPASSWORD']).toMatch(/^[\w-]{32}$/)
  })

  test('a function migrates once, and its work is on every server', async () => {
    let calls = 0
    const run = await startRun({
      engine,
      isolation: 'server',
      async migrate({ url }) {
        await query(url, `create table calls as select ${++calls} as n`)
      },
    })
    for (let file = 0; file < 3; file++) {
      const instance = await run.open()
      expect(await query(instance, 'select n from calls')).toEqual([{ n: 1 }])
      await instance.dispose()
    }
  })

  test('files that share get one server, which they can read and not write', async () => {
    const root = await project(MIGRATIONS)
    const run = await startRun({ engine, isolation: 'server', migrate: './m' }, { root })
    const [one, two] = await Promise.all([run.open('shared'), run.open('shared')])
    expect(one.env).toEqual(two.env)
    await expect(query(one, "insert into users (name) values ('ada')")).rejects.toThrow('read-only')
  })

  test('code that names localhost:5432 finds the server of its own file', async () => {
    const root = await project(MIGRATIONS)
    const run = await startRun(
      {
        engine,
        isolation: 'server',
        migrate: './m',
        users: { app: 'app' },
        databases: ['app_test'],
        redirect: ['localhost:5432'],
      },
      { root },
    )
    const script = path.join(import.meta.dirname, 'fixtures', 'hard-coded.mjs')
    for (const instance of [await run.open(), await run.open()]) {
      const { stdout } = await promisify(execFile)(process.execPath, [script], {
        env: { ...process.env, ...instance.env },
      })
      expect(JSON.parse(stdout)).toEqual({ who: 'app', database: 'app_test', count: 1, port: 5432 })
    }
  })

  test('a server that dies is told to its own file alone, and the next file has another', async () => {
    const run = await startRun({ engine, isolation: 'server' })
    const [one, two] = await Promise.all([run.open(), run.open()])
    process.kill((await serverOf(one)).pid, 'SIGKILL')
    expect(await one.lost).toContain('SIGKILL')
    expect(await query(two, 'select 1 as one')).toEqual([{ one: 1 }])
    await one.dispose()
    expect(await query(await run.open(), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('files that share get another server when theirs has died', async () => {
    const run = await startRun({ engine, isolation: 'server' })
    const first = await run.open('shared')
    process.kill((await serverOf(first)).pid, 'SIGKILL')
    expect(await first.lost).toContain('SIGKILL')
    expect(await query(await run.open('shared'), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a server that was given back ends, and at the end none is left', async () => {
    const run = await startRun({ engine, isolation: 'server' })
    const given = await run.open()
    const kept = await run.open()
    const servers = [await serverOf(given), await serverOf(kept)] as const
    await given.dispose()
    await expect.poll(() => servers[0].lives()).toBe(false)
    expect(urlOf(kept)).not.toBe(urlOf(given))
    await run.stop()
    expect(await servers[1].lives()).toBe(false)
    expect(servers.flatMap((server) => server.segments())).toEqual([])
    expect(existsSync(servers[0].runFolder)).toBe(false)
  })
})
