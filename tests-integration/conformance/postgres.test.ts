import type { Provider } from '@vitest-lanes/core'
import { conformance, type Env } from '@vitest-lanes/core/conformance'
import { postgres } from '@vitest-lanes/postgres'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ENGINES, query } from '../postgres/support/provider.ts'
import { namedServer, SERVERS, type NamedServer } from '../postgres/support/named.ts'
import { serverOf } from '../postgres/support/server-process.ts'
import { ownRunFolders } from './left.ts'

const urlOf = (env: Env) => env['DATABASE_URL'] ?? ''

describe.each(ENGINES)('postgres(), %s', (engine) => {
  conformance(
    { describe, test, expect },
    {
      create: () => postgres({ engine }),
      createBroken: () => postgres({ engine, migrate: { command: 'false' } }),
      mark: async (env, name) => void (await query(urlOf(env), `create table ${name} ()`)),
      async marks(env) {
        const rows = await query(urlOf(env), "select tablename from pg_tables where schemaname = 'public'")
        return rows.map((row) => String(row['tablename']))
      },
      async kill(env) {
        const { pid } = await serverOf(urlOf(env))
        process.kill(pid, 'SIGKILL')
      },
      left: ownRunFolders,
    },
  )
})

/** A server of the user on which schemas may be made too. */
async function withSchemas(server: (typeof SERVERS)[number]): Promise<NamedServer> {
  const named = await namedServer(server)
  await query(named.url, 'grant create on database foreign_data to builder')
  return named
}

describe.each(SERVERS)('postgres() on a server of the user, %s', (server) => {
  describe.each(['database', 'schema'] as const)('a %s an instance', (isolation) => {
    let current: Promise<NamedServer> | undefined
    /** One for all runs of a test. */
    const serverOfTest = () => {
      if (current === undefined) onTestFinished(() => void (current = undefined))
      return (current ??= withSchemas(server))
    }
    const create = (): Provider => {
      let inner: Provider | undefined
      return {
        name: 'postgres',
        async start(run) {
          const named = await serverOfTest()
          inner = postgres({ server: named.builder, isolation })
          return inner.start?.(run)
        },
        open: (request) => (inner ?? postgres()).open(request),
        stop: async () => inner?.stop?.(),
      }
    }
    conformance(
      { describe, test, expect },
      {
        create,
        mark: async (env, name) => void (await query(urlOf(env), `create table ${name} ()`)),
        async marks(env) {
          const rows = await query(
            urlOf(env),
            'select tablename from pg_tables where schemaname = current_schema',
          )
          return rows.map((row) => String(row['tablename']))
        },
      },
    )
  })
})
