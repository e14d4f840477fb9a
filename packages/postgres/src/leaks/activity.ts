import { quoteLiteral } from '../sql/quote.ts'
import type { Session } from '../sql/session.ts'

/** A connection of the file's. */
export interface OpenConnection {
  readonly pid: number
  /** What its client calls itself: `unnamed` if nothing. */
  readonly name: string
  readonly inTransaction: boolean
  /** The TCP port on the client's side; -1 for a Unix socket. */
  readonly port: number
}

export interface Activity {
  readonly connections: readonly OpenConnection[]
  /** Kinds of locks that these hold, such as `advisory`, once for each lock. */
  readonly locks: readonly string[]
  /** Names of transactions that wait for their second phase. */
  readonly prepared: readonly string[]
}

/** ms between looks at connections: a pool that has just ended may still be saying good-bye, and is no leak. */
const LOOKS = [5, 10, 20, 40, 80]

/** What a file has open on its database. `session` is on another one. */
export async function activityOn(session: Session, database: string): Promise<Activity> {
  let connections = await connectionsTo(session, database)
  for (const pause of LOOKS) {
    if (connections.length === 0) break
    await new Promise((resolve) => setTimeout(resolve, pause))
    const now = await connectionsTo(session, database)
    connections = now.filter(({ pid }) => connections.some((each) => each.pid === pid))
  }
  const locks = connections.length === 0 ? [] : await locksOf(session, connections)
  return { connections, locks, prepared: await preparedIn(session, database) }
}

async function connectionsTo(session: Session, database: string): Promise<OpenConnection[]> {
  const rows = await session.query(
    `SELECT pid, coalesce(nullif(application_name, ''), 'unnamed') AS name,
       coalesce(state LIKE 'idle in transaction%', false) AS open, coalesce(client_port, -1) AS port
     FROM pg_catalog.pg_stat_activity
     WHERE datname = ${quoteLiteral(database)} AND backend_type = 'client backend' ORDER BY backend_start`,
  )
  return rows.map((row) => ({
    pid: Number(row['pid']),
    name: String(row['name']),
    inTransaction: row['open'] === true,
    port: Number(row['port']),
  }))
}

/** Without those that each statement takes, of which a transaction that is open tells enough. */
async function locksOf(session: Session, connections: readonly OpenConnection[]): Promise<string[]> {
  const rows = await session.query(
    `SELECT CASE locktype WHEN 'advisory' THEN locktype ELSE mode END AS lock FROM pg_catalog.pg_locks
     WHERE granted AND pid IN (${connections.map(({ pid }) => pid).join(', ')}) AND (locktype = 'advisory'
       OR (locktype = 'relation' AND mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')))`,
  )
  return rows.map((row) => String(row['lock']))
}

async function preparedIn(session: Session, database: string): Promise<string[]> {
  const rows = await session.query(
    `SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = ${quoteLiteral(database)} ORDER BY prepared`,
  )
  return rows.map((row) => String(row['gid']))
}
