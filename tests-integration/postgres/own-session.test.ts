import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../packages/postgres/dist/cluster/start-cluster.js'
import { connect, isDisconnect, type Session } from '../../packages/postgres/dist/sql/session.js'
import { startBare } from './support/bare-cluster.ts'
import { ENGINES } from './support/provider.ts'

describe.each(ENGINES)('a session on a server of ours, %s', (engine) => {
  let cluster: Cluster
  let close: () => Promise<void>

  beforeAll(async () => {
    const bare = await startBare(engine)
    close = bare.close
    cluster = await bare.starting
  })
  afterAll(async () => {
    await cluster.stop()
    await close()
  })

  async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await cluster.connect('postgres')
    try {
      return await work(session)
    } finally {
      await session.end()
    }
  }

  test('gives the values that pg gives, but for arrays', async () => {
    const text = `select true as yes, false as no, null as nothing, 7::int2 as small, -7 as usual, 1::oid as oid, 1.5::float8 as double,
      12345678901234567890::numeric as exact, 9007199254740993 as large, 'it''s ü' as text, '{"a": [1, null]}'::json as json,
      '{"b": true}'::jsonb as binary, 'pg_class'::regclass as class`
    const address = { port: cluster.port, user: 'postgres', database: 'postgres' }
    const [row] = await withSession((session) => session.query(text))
    await withSession((session) => session.query("ALTER ROLE postgres PASSWORD 'known'"))
    const theirs = await connect({ ...address, host: '127.0.0.1', password: 'known' })

    expect([row]).toEqual(await theirs.query(text))
    expect(row).toMatchObject({ yes: true, usual: -7, large: '9007199254740993', json: { a: [1, null] } })
    await theirs.end()
  })

  test('gives the rows of the last statement, and counts all', async () => {
    await withSession(async (session) => {
      let statements = 0
      const off = session.onStatement(() => statements++)
      expect(await session.query('select 1 as one; select 2 as two union select 3 order by 1')).toEqual([
        { two: 2 },
        { two: 3 },
      ])
      off()
      expect(await session.query('')).toEqual([])
      expect(await session.query('create temporary table t (n int)')).toEqual([])
      expect(statements).toBe(2)
    })
  })

  test('answers in the order of the questions, also when they come at once and some fail', async () => {
    await withSession(async (session) => {
      const asked = ['select 1 as n', 'select nothing', 'copy pg_temp.t from stdin', 'select 2 as n'].map(
        (text) => session.query(text).catch((error: Error & { code?: string }) => error.code),
      )
      expect(await Promise.all(asked)).toEqual([[{ n: 1 }], '42703', '3F000', [{ n: 2 }]])
    })
  })

  test('has nothing to copy from, and goes on', async () => {
    await withSession(async (session) => {
      await session.query('create temporary table t (n int)')
      await expect(session.query('copy t from stdin')).rejects.toThrow('There is no data to copy from')
      expect(await session.query('copy (select 1) to stdout; select 1 as one')).toEqual([{ one: 1 }])
    })
  })

  test('an error says what the server says: place, detail and hint', async () => {
    await withSession(async (session) => {
      const failure = session.query("do $$ begin raise 'no' using detail = 'why', hint = 'how' ; end $$")
      await expect(failure).rejects.toMatchObject({
        message: 'no',
        detail: 'why',
        hint: 'how',
        severity: 'ERROR',
      })
      await expect(session.query('select wrong')).rejects.toMatchObject({ position: '8' })
    })
  })

  test('one that is ended in the middle of a statement, or while it waits, says so', async () => {
    const [busy, idle] = [await cluster.connect('postgres'), await cluster.connect('postgres')]
    const failure = busy.query('select pg_sleep(30)').catch((error: unknown) => error)
    await withSession(async (session) => {
      const sleeping = "select pid from pg_stat_activity where query = 'select pg_sleep(30)'"
      await expect.poll(() => session.query(sleeping)).toHaveLength(1)
      await session.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'`,
      )
    })
    await Promise.all([busy.closed, idle.closed])
    const late = await idle.query('select 1').catch((error: unknown) => error)
    expect([isDisconnect(await failure), isDisconnect(late)]).toEqual([true, true])
    await Promise.all([busy.end(), idle.end()])
  })

  test('one that is to end does not wait for a statement that may never', async () => {
    const session = await cluster.connect('postgres')
    const failure = session.query('select pg_sleep(30)').catch((error: unknown) => error)
    await session.end()
    expect(isDisconnect(await failure)).toBe(true)
    expect(isDisconnect(await session.query('select 1').catch((error: unknown) => error))).toBe(true)
  })

  test('one that is refused says why', async () => {
    await expect(cluster.connect('nowhere')).rejects.toMatchObject({ code: '3D000' })
  })
})
