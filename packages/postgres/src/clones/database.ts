import type { Session } from '../sql/session.ts'
import { quoteIdent, quoteLiteral } from '../sql/quote.ts'
import { copyExtras } from './copy-extras.ts'

export type CloneStrategy = 'file_copy' | 'wal_log'

export interface CloneOptions {
  readonly template: string
  /** `undefined`: the server knows one way only (before 15). */
  readonly strategy: CloneStrategy | undefined
  /** What follows in `CREATE DATABASE`. */
  readonly suffix: string
  /** Whether the template has settings or privileges of its own, which `CREATE DATABASE` does not clone. */
  readonly extras: boolean
}

/** Clones a sealed template. */
export async function cloneDatabase(session: Session, name: string, options: CloneOptions): Promise<void> {
  const { template, strategy, suffix, extras } = options
  const how = strategy === undefined ? '' : ` STRATEGY ${strategy}`
  await session.query(`CREATE DATABASE ${quoteIdent(name)} TEMPLATE ${quoteIdent(template)}${how}${suffix}`)
  if (extras) await session.query(copyExtras(template, name))
}

/** Gives a database to which nobody could connect another name, under which everybody can. */
export async function renameDatabase(session: Session, from: string, to: string): Promise<void> {
  await session.query(
    `ALTER DATABASE ${quoteIdent(from)} RENAME TO ${quoteIdent(to)}; ALTER DATABASE ${quoteIdent(to)} WITH ALLOW_CONNECTIONS true`,
  )
}

/** Whether the database has settings or privileges of its own. */
export async function hasExtras(session: Session, name: string): Promise<boolean> {
  const rows = await session.query(`
    SELECT datacl IS NOT NULL OR EXISTS (SELECT FROM pg_catalog.pg_db_role_setting WHERE setdatabase = d.oid) AS extras
    FROM pg_catalog.pg_database d WHERE datname = ${quoteLiteral(name)}`)
  return rows[0]?.['extras'] === true
}

/** Drops a database whoever is connected to it, and lets nobody come back meanwhile. Nothing, if it is not there. */
export async function dropDatabase(session: Session, name: string): Promise<void> {
  const found = await session.query(
    `SELECT FROM pg_catalog.pg_database WHERE datname = ${quoteLiteral(name)}`,
  )
  if (found.length === 0) return
  await session.query(`ALTER DATABASE ${quoteIdent(name)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE false`)
  await session.query(`DROP DATABASE IF EXISTS ${quoteIdent(name)} WITH (FORCE)`)
}

/** Nobody can connect to the template, which would keep it from being cloned, or drop it by mistake. */
export async function sealTemplate(session: Session, name: string): Promise<void> {
  await session.query(`ALTER DATABASE ${quoteIdent(name)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`)
}

/** Bytes on disk. */
export async function databaseBytes(session: Session, name: string): Promise<number> {
  const rows = await session.query(
    `SELECT pg_catalog.pg_database_size(${quoteLiteral(name)})::float8 AS bytes`,
  )
  return Number(rows[0]?.['bytes'] ?? 0)
}
