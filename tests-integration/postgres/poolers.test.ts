import { describe, expect, test } from 'vitest'
import { namedServer, type NamedServer } from './support/named.ts'
import { pgbouncer, withoutPgbouncer, withoutTracking } from './support/pgbouncer.ts'
import { runElsewhere } from './support/run-elsewhere.ts'
import { ENGINES, project, query, startRun } from './support/provider.ts'

const MIGRATIONS = { 'm/1.sql': 'create table users (id int)', 'm/2.sql': 'insert into users values (1)' }
/** All that a run could leave: databases, schemas, tables, locks. */
async function contents({ url, builder }: NamedServer): Promise<unknown> {
  const names = `select datname as name from pg_database union all select 'lock' from pg_locks where locktype = 'advisory'`
  const made = `select nspname as name from pg_namespace union all select relname from pg_class where relname = 'users'`
  return [await query(url, names), await query(builder, made)]
}

describe.each(ENGINES)('%s', (engine) => {
  describe.skipIf(withoutPgbouncer !== undefined)(`behind a pooler${withoutPgbouncer ?? ''}`, () => {
    test('in transaction mode, a database an instance is refused, and nothing is left', async () => {
      const named = await namedServer(engine)
      const before = await contents(named)
      const server = await pgbouncer(named.builder, { pool_mode: 'transaction' })
      await expect(startRun({ server })).rejects.toMatchObject({
        code: 'LANES_SERVER_START',
        message: expect.stringContaining('is a pooler in transaction mode'),
      })
      expect(await contents(named)).toEqual(before)
    })

    test.each([{}, { ignore_startup_parameters: 'options' }])(
      'in transaction mode, with %j, a schema an instance is refused before anything is made in the wrong place',
      async (settings) => {
        const named = await namedServer(engine)
        const before = await contents(named)
        const server = await pgbouncer(named.builder, { pool_mode: 'transaction', ...settings })
        const root = await project(MIGRATIONS)
        await expect(
          startRun({ server, isolation: 'schema', migrate: './m' }, { root }),
        ).rejects.toMatchObject({
          code: 'LANES_SERVER_START',
          message: expect.stringContaining('does not hand search_path on'),
        })
        expect(await contents(named)).toEqual(before)
      },
    )

    test('in session mode, which keeps connections to the template, a database an instance is refused', async () => {
      const named = await namedServer(engine)
      const server = await pgbouncer(named.builder, { pool_mode: 'session', max_client_conn: '200' })
      const root = await project(MIGRATIONS)
      await expect(startRun({ server, migrate: './m' }, { root })).rejects.toThrow('A pooler in front keeps')
    })
  })
})

describe.skipIf(withoutTracking !== undefined)(
  `behind a pooler in transaction mode ${withoutTracking ?? ''}`,
  () => {
    test('that hands search_path on, a schema an instance works, and nothing is left of it', async ({
      skip,
    }) => {
      const named = await namedServer('embedded')
      await query(named.url, 'grant create on database foreign_data to builder')
      const [row] = await query(named.url, "select current_setting('server_version_num')::int as number")
      if (Number(row?.['number']) < 180_000) skip('PostgreSQL reports search_path from version 18 on')
      const before = await contents(named)
      const server = await pgbouncer(named.builder, {
        pool_mode: 'transaction',
        track_extra_parameters: 'IntervalStyle, search_path',
        default_pool_size: '4',
      })
      const root = await project(MIGRATIONS)
      const run = await startRun({ server, isolation: 'schema', migrate: './m' }, { root })
      const instances = [await run.open(), await run.open()]
      for (const [index, instance] of instances.entries()) {
        await query(instance, `insert into users values (${10 + index})`)
        expect(await query(instance, 'select id from users order by id')).toEqual([
          { id: 1 },
          { id: 10 + index },
        ])
      }
      await run.stop()
      await expect.poll(() => contents(named)).toEqual(before)
    })

    test('what a run that was killed has left is dropped by the next', async ({ skip }) => {
      const named = await namedServer('embedded')
      await query(named.url, 'grant create on database foreign_data to builder')
      const [row] = await query(named.url, "select current_setting('server_version_num')::int as number")
      if (Number(row?.['number']) < 180_000) skip('PostgreSQL reports search_path from version 18 on')
      const before = await contents(named)
      const server = await pgbouncer(named.builder, {
        pool_mode: 'transaction',
        track_extra_parameters: 'IntervalStyle, search_path',
      })
      const { child } = await runElsewhere({ server, isolation: 'schema' })
      child.kill('SIGKILL')
      const locks = "select from pg_locks where locktype = 'advisory'"
      await expect.poll(() => query(named.url, locks)).toEqual([])
      await (await startRun({ server, isolation: 'schema' })).stop()
      await expect.poll(() => contents(named)).toEqual(before)
    })
  },
)
