import type { PostgresOptions } from '@vitest-lanes/postgres'
import { expect, onTestFinished } from 'vitest'
import { ENGINES, query, startRun, urlOf } from './provider.ts'

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

/** A server that was started for the tests, as `.ci/named-servers` does: the URL of its superuser. */
const theirs = process.env['LANES_TEST_POSTGRES']

/** What stands for the server of a user: that of `LANES_TEST_POSTGRES` if it is set, else what each engine starts. */
export const SERVERS: readonly Server[] = theirs === undefined ? ENGINES : ['named']

type Server = (typeof ENGINES)[number] | 'named'

export async function namedServer(
  server: Server,
  settings: NonNullable<PostgresOptions['settings']> = {},
): Promise<NamedServer> {
  const url = server === 'named' ? (theirs ?? '') : await ownServer(server, settings)
  await query(url, `create role builder login createdb password '${PASSWORD.replaceAll("'", "''")}'`)
  await query(url, 'create database foreign_data')
  if (server === 'named') onTestFinished(() => clear(url))
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

async function ownServer(
  engine: (typeof ENGINES)[number],
  settings: NonNullable<PostgresOptions['settings']>,
): Promise<string> {
  const run = await startRun({ engine, settings }, { lanes: 1 })
  const url = urlOf(await run.open())
  // The next is made ahead: who compares what there is would see it come.
  const next = `select from pg_database where datname = 'lanes_${run.runId}_2'`
  await expect.poll(() => query(url, next), { timeout: 10_000 }).toHaveLength(1)
  return url
}

/** Makes a server as it was before the test. */
async function clear(url: string): Promise<void> {
  const made = await query(
    url,
    `select datname as name from pg_database where datname ~ '^(lanes_|foreign_data)'`,
  )
  for (const { name } of made) {
    await query(url, `alter database "${String(name)}" is_template false`)
    await query(url, `drop database "${String(name)}" with (force)`)
  }
  await query(url, 'drop role builder')
}
