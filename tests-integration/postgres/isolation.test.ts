import { readFileSync } from 'node:fs'
import type { OpenInstance } from '@vitest-lanes/core'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { namedServer } from './support/named.ts'
import { ENGINES, query, startRun, urlOf } from './support/provider.ts'

type Isolation = 'database' | 'schema' | 'server'
type Pair = readonly [OpenInstance, OpenInstance]

/** Says whether what is done to the one instance is hidden from the other. */
const CHECKS: Readonly<Record<string, (pair: Pair) => Promise<boolean>>> = {
  async 'tables, sequences, types, functions'([one, other]) {
    await query(
      one,
      'create table t (); create sequence s; create type e as enum (); create function f() returns int language sql as $$ select 1 $$',
    )
    const [row] = await query(
      other,
      "select to_regclass('t') t, to_regclass('s') s, to_regtype('e') e, to_regproc('f') f",
    )
    return Object.values(row ?? {}).every((found) => found === null)
  },
  async extensions([one, other]) {
    await query(one, 'create extension citext')
    return (await query(other, "select from pg_extension where extname = 'citext'")).length === 0
  },
  async 'advisory locks'([one, other]) {
    const holder = await session(one)
    await holder.query('select pg_advisory_lock(7)')
    const [row] = await query(other, 'select pg_try_advisory_lock(7) as free')
    return row?.['free'] === true
  },
  async '`LISTEN` and `NOTIFY`'([one, other]) {
    const listener = await session(other)
    const heard: (string | undefined)[] = []
    const last = new Promise<void>((resolve) => {
      listener.on('notification', ({ payload }) => {
        heard.push(payload)
        if (payload === 'last') resolve()
      })
    })
    await listener.query('listen news')
    await query(one, "notify news, 'from the other'")
    await query(other, "notify news, 'last'")
    await last
    return !heard.includes('from the other')
  },
  async 'roles and their passwords'([one, other]) {
    await query(one, 'create role only_here')
    return (await query(other, "select from pg_roles where rolname = 'only_here'")).length === 0
  },
  async 'settings of the server (`ALTER SYSTEM`)'([one, other]) {
    await query(one, "alter system set work_mem = '9MB'")
    await query(one, 'select pg_reload_conf()')
    await expect.poll(() => query(one, 'show work_mem')).toEqual([{ work_mem: '9MB' }])
    return (await query(other, 'show work_mem'))[0]?.['work_mem'] !== '9MB'
  },
  async '`pg_stat_activity`, `pg_terminate_backend`'([one, other]) {
    await session(one)
    return (await query(other, "select from pg_stat_activity where application_name = 'seen'")).length === 0
  },
}

async function session(instance: OpenInstance): Promise<Client> {
  const client = new Client({ connectionString: urlOf(instance), application_name: 'seen' })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

async function pairOf(isolation: Isolation): Promise<Pair> {
  if (isolation !== 'schema') {
    const run = await startRun({ isolation })
    return Promise.all([run.open(), run.open()])
  }
  const named = await namedServer(ENGINES[0] ?? 'embedded')
  await query(named.url, 'alter role builder superuser')
  const run = await startRun({ server: named.builder, isolation })
  return Promise.all([run.open(), run.open()])
}

/** The table of the docs: what is isolated, by isolation. */
const docs = readFileSync(new URL('../../docs/postgres.md', import.meta.url), 'utf8')
const table = docs
  .slice(docs.indexOf('## What is isolated'))
  .split('\n')
  .filter((line) => /\| (?:yes|no)\b/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

test('the docs have a line for everything that is checked here, and no other', () => {
  expect(table.map((cells) => cells[1])).toEqual(Object.keys(CHECKS))
})

describe.each(['database', 'schema', 'server'] as const)('an instance is a %s', (isolation) => {
  const column = { database: 2, schema: 3, server: 4 }[isolation]
  test.each(table.map((cells) => [cells[1] ?? '', cells[column] ?? ''] as const))(
    '%s: %s',
    async (what, says) => {
      const isolated = await CHECKS[what]?.(await pairOf(isolation))
      expect(isolated).toBe(says.startsWith('yes'))
    },
  )
})
