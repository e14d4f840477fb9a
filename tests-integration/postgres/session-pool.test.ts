import { describe, expect, test } from 'vitest'
import { createSessionPool } from '../../packages/postgres/dist/sql/session-pool.js'
import { connect, isDisconnect } from '../../packages/postgres/dist/sql/session.js'
import { ENGINES, query, startRun, urlOf } from './support/provider.ts'

const END_OTHERS =
  "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = 'vitest-lanes' and datname = current_database()"

describe.each(ENGINES)('%s', (engine) => {
  async function poolOf() {
    const url = urlOf(await (await startRun({ engine })).open())
    return { url, sessions: createSessionPool(() => connect({ connectionString: url })) }
  }

  test('who comes right after a session was ended in the middle of a statement gets another', async () => {
    const { url, sessions } = await poolOf()
    await sessions.use((session) => session.query('select 1'))
    const after = sessions
      .use((session) => session.query('select pg_sleep(30)'))
      .catch(() => sessions.use((session) => session.query('select 1 as one')))
    await expect
      .poll(() => query(url, "select from pg_stat_activity where query = 'select pg_sleep(30)'"))
      .toHaveLength(1)
    await query(url, END_OTHERS)
    expect(await after).toEqual([{ one: 1 }])
    await sessions.end()
  })

  test('a session that was ended while nobody used it is told so, in words that say that another may do', async () => {
    const { url, sessions } = await poolOf()
    await sessions.use(async (session) => {
      await query(url, END_OTHERS)
      await session.closed
      const error = await session.query('select 1').catch((reason: unknown) => reason)
      expect(isDisconnect(error)).toBe(true)
    })
    expect(await sessions.use((session) => session.query('select 1 as one'))).toEqual([{ one: 1 }])
    await sessions.end()
  })

  test('a session that was well all along is ended with the rest, whatever was said of another', async () => {
    const { sessions } = await poolOf()
    let closed: Promise<void> | undefined
    const failed = sessions.use((session) => {
      closed = session.closed
      return Promise.reject(Object.assign(new Error('another was ended'), { code: '57P01' }))
    })
    await expect(failed).rejects.toThrow('another was ended')
    await sessions.end()
    await closed
  })
})
