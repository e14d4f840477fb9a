import type { PostgresOptions } from '@vitest-lanes/postgres'
import { query, startRun, urlOf } from './provider.ts'

/** A server as a user has it, with databases of others on it. */
export interface NamedServer {
  /** For the superuser. */
  readonly url: string
  /** For a role that may create databases, with a password that is hard to write. */
  readonly builder: string
  readonly password: string
  /** All databases, with owner and marks. */
  databases(): Promise<Record<string, unknown>[]>
}

const PASSWORD = `it's "50%" of_a søgan 密`

export async function namedServer(
  engine: NonNullable<PostgresOptions['engine']>,
  settings: NonNullable<PostgresOptions['settings']> = {},
): Promise<NamedServer> {
  const run = await startRun({ engine, settings }, { lanes: 1 })
  const url = urlOf(await run.open())
  await query(url, `create role builder login createdb password '${PASSWORD.replaceAll("'", "''")}'`)
  await query(url, 'create database foreign_data')
  const builder = new URL(url)
  builder.username = 'builder'
  builder.password = encodeURIComponent(PASSWORD)
  builder.pathname = '/foreign_data'
  return {
    url,
    builder: builder.href,
    password: PASSWORD,
    databases: () =>
      query(url, 'select datname, datdba, datconnlimit, datallowconn, oid from pg_database order by oid'),
  }
}
