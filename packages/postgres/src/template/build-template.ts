import { LanesError } from '@vitest-lanes/core'
import { addressOf, type DatabaseAddress, type ServerAddress } from '../address.ts'
import { databaseBytes, dropDatabase, hasExtras, sealTemplate } from '../clones/database.ts'
import type { PlanStep } from '../migrations/plan.ts'
import { runPlan } from '../migrations/run-plan.ts'
import { emptyTables } from '../leaks/contents.ts'
import { quoteIdent, quoteLiteral } from '../sql/quote.ts'
import type { Session } from '../sql/session.ts'

const SESSION_PATIENCE_MS = 3_000

export interface BuildOptions {
  readonly name: string
  readonly steps: readonly PlanStep[]
  readonly root: string
  readonly server: ServerAddress
  /** Names of variables that the user wants. */
  readonly env: (instance: DatabaseAddress) => Readonly<Record<string, string>>
  /** What follows in `CREATE DATABASE`; nothing where left out. */
  readonly createSuffix?: string
  connect(database: string): Promise<Session>
}

export interface Template {
  readonly name: string
  readonly bytes: number
  /** Whether it has settings or privileges of its own. */
  readonly extras: boolean
  /** Its tables that are empty, by their oids; `undefined` where that is not known. */
  readonly empty?: readonly number[]
}

/**
 * Makes the database that all others are cloned from: migrated, seeded, tidied and sealed. What is there under
 * that name goes.
 * @throws LANES_MIGRATION
 */
export async function buildTemplate(admin: Session, options: BuildOptions): Promise<Template> {
  const { name, steps, root } = options
  await dropDatabase(admin, name)
  await admin.query(`CREATE DATABASE ${quoteIdent(name)}${options.createSuffix ?? ''}`)
  const address = addressOf(options.server, name)
  await runPlan(steps, {
    address,
    env: { ...address.env, ...options.env(address) },
    root,
    connect: () => options.connect(name),
  })
  const empty = steps.length > 0 ? await tidy(await options.connect(name)) : []
  await sealTemplate(admin, name)
  await awaitSessionsGone(admin, name)
  return { name, bytes: await databaseBytes(admin, name), extras: await hasExtras(admin, name), empty }
}

/**
 * So that no clone has to find out for itself what is visible, and queries are planned as on a database in use. Not for the
 * catalogs: they take longer than most schemas, and nobody waits for theirs. Returns the tables that are empty.
 */
async function tidy(session: Session): Promise<number[]> {
  try {
    const tables = await session.query(
      `SELECT oid::regclass::text AS name FROM pg_catalog.pg_class
       WHERE relkind IN ('r', 'm', 'p') AND relpersistence <> 't' AND NOT relispartition AND oid >= 16384`,
    )
    const names = tables.map(({ name }) => String(name))
    if (names.length > 0) await session.query(`VACUUM (ANALYZE) ${names.join(', ')}`)
    return await emptyTables(session)
  } finally {
    await session.end()
  }
}

/**
 * A session on the template would keep it from being cloned. A server process ends a moment after its client; a
 * session that a migration function forgot is told and not ended, since its pool would throw in Vitest's own process.
 */
async function awaitSessionsGone(admin: Session, name: string): Promise<void> {
  const deadline = Date.now() + SESSION_PATIENCE_MS
  for (let pause = 2; ; pause = Math.min(2 * pause, 100)) {
    const open = await admin.query(
      `SELECT concat(application_name, ': ', query) AS said FROM pg_catalog.pg_stat_activity
       WHERE datname = ${quoteLiteral(name)} AND backend_type = 'client backend'`,
    )
    if (open.length === 0) return
    if (Date.now() > deadline) {
      const last = open.map((row) => `  ${String(row['said'])}`)
      throw new LanesError(
        'LANES_MIGRATION',
        `The migrations left ${open.length} connection(s) open, whose last queries were:\n${last.join('\n')}`,
        {
          hint: 'Await `client.end()` or `pool.end()` before a migration function returns. A pooler in front keeps them: name the server itself.',
        },
      )
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
