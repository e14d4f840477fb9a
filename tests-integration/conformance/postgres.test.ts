import { conformance, type Env } from '@vitest-lanes/core/conformance'
import { postgres } from '@vitest-lanes/postgres'
import { describe, expect, test } from 'vitest'
import { ENGINES, query } from '../postgres/support/provider.ts'
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
