import { LanesError } from '@vitest-lanes/core'
import { addressOf } from '../address.ts'
import { connect, type Session } from '../sql/session.ts'
import type { Target } from './target.ts'

/** ms until a server that does not answer counts as not there. */
const CONNECT_TIMEOUT = 4_000

export async function connectTo(target: Target, database: string, flags?: string): Promise<Session> {
  const { url } = addressOf(target.address, database)
  try {
    return await connect({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      ...(flags !== undefined && { options: flags }),
    })
  } catch (cause) {
    const said = cause instanceof Error ? cause.message || Object(cause).code : String(cause)
    throw new LanesError(
      'LANES_SERVER_START',
      `Could not connect to PostgreSQL at ${target.place}: ${said}.`,
      {
        hint: 'Start it, or correct `server` of postgres(); without `server` a private one is started.',
        cause,
      },
    )
  }
}

export async function withSession<T>(
  open: () => Promise<Session>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await open()
  try {
    return await work(session)
  } finally {
    await session.end()
  }
}

export interface About {
  readonly version: string
  readonly major: number
  /** Whether it waits for its disk. */
  readonly durable: boolean
  /** Who we are on it. */
  readonly role: string
  readonly mayCreateDatabases: boolean
  readonly mayCreateSchemas: boolean
}

export async function inspectServer(session: Session, target: Target): Promise<About> {
  const [row] = await session.query(`
    SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
      current_setting('fsync') AS fsync, current_user AS role,
      (SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS databases,
      pg_catalog.has_database_privilege(current_database(), 'CREATE') AS schemas`)
  const major = Math.floor(Number(row?.['number']) / 10_000)
  const version = String(row?.['version']).split(' ')[0] ?? ''
  if (major < 13) {
    throw new LanesError(
      'LANES_SERVER_START',
      `${target.place} is PostgreSQL ${version}; 13 is the oldest that can be used.`,
    )
  }
  return {
    version,
    major,
    durable: row?.['fsync'] !== 'off',
    role: String(row?.['role']),
    mayCreateDatabases: row?.['databases'] === true,
    mayCreateSchemas: row?.['schemas'] === true,
  }
}
