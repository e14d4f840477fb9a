import { quoteLiteral } from '../sql/quote.ts'
import type { Row, Session } from '../sql/session.ts'

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
  /** Of the database. */
  readonly oid: number
  /** Whether sessions that have ended inserted as many rows as they deleted, in catalogs too: then nothing is left. */
  readonly isEven: boolean
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
  let seen = await look(session, database)
  let { connections } = seen
  for (const pause of LOOKS) {
    if (connections.length === 0) break
    await new Promise((resolve) => setTimeout(resolve, pause))
    seen = await look(session, database)
    const before = new Set(connections.map(({ pid }) => pid))
    connections = seen.connections.filter(({ pid }) => before.has(pid))
  }
  const locks = connections.length === 0 ? [] : await locksOf(session, connections)
  return { ...seen, connections, locks }
}

type Seen = Omit<Activity, 'locks'>

/** All in one query, without the views, which take long to plan; and without our own session, which has a socket. */
async function look(session: Session, database: string): Promise<Seen> {
  const [row = {}] = await session.query(
    `SELECT d.oid::bigint AS oid,
       pg_catalog.pg_stat_get_db_tuples_inserted(d.oid) = pg_catalog.pg_stat_get_db_tuples_deleted(d.oid) AS even,
       (SELECT json_agg(a ORDER BY backend_start) FROM (
         SELECT pid, coalesce(nullif(application_name, ''), 'unnamed') AS name, backend_start,
           coalesce(state LIKE 'idle in transaction%', false) AS "inTransaction", coalesce(client_port, -1) AS port
         FROM pg_catalog.pg_stat_get_activity(NULL) WHERE datid = d.oid AND backend_type = 'client backend'
           AND NOT (application_name = 'vitest-lanes' AND client_port = -1)) a
       ) AS connections,
       (SELECT json_agg(gid) FROM pg_catalog.pg_prepared_xact() WHERE dbid = d.oid) AS prepared
     FROM pg_catalog.pg_database d WHERE datname = ${quoteLiteral(database)}`,
  )
  return {
    oid: Number(row['oid']),
    isEven: row['even'] === true,
    connections: listOf(row['connections']).map((each) => ({
      pid: Number(each['pid']),
      name: String(each['name']),
      inTransaction: each['inTransaction'] === true,
      port: Number(each['port']),
    })),
    prepared: Array.isArray(row['prepared']) ? row['prepared'].map(String) : [],
  }
}

function listOf(json: unknown): Row[] {
  return Array.isArray(json) ? json.map((each): Row => Object(each)) : []
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
