import { createHash } from 'node:crypto'
import { dropDatabase } from '../clones/database.ts'
import type { Session } from '../sql/session.ts'

/**
 * Databases of ours on a server of others bear three marks: a name with the id of their run; a connection limit that
 * nobody would choose, which `CREATE DATABASE` sets in the same moment; and, as long as their run lives, an advisory
 * lock of that run. The lock dies with the session that holds it, and `pg_locks` shows those of all databases.
 */
export const MARK = 1_984_271_133

const NAME = /^lanes_([a-z0-9]{10})_\w+$/

/** The name of a database of a run. */
export function databaseName(runId: string, suffix: string | number): string {
  return `lanes_${runId}_${suffix}`
}

/** The key of a run's advisory lock: a signed 64-bit number. */
export function lockKey(runId: string): bigint {
  return createHash('sha256').update(`vitest-lanes:${runId}`).digest().readBigInt64BE()
}

/** Takes the run's lock, for as long as the session lasts. Before the run makes anything. */
export async function holdLock(session: Session, runId: string): Promise<void> {
  // Without these a server keeps the session of a machine that was switched off for two hours.
  await session.query(
    'SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6',
  )
  await session.query(`SELECT pg_catalog.pg_advisory_lock(${lockKey(runId)})`)
}

/**
 * The same in a transaction that stays open: behind a pooler in transaction mode it is all that belongs to one client.
 * It has no snapshot, so that it does not keep the server from vacuuming.
 */
export async function holdLockOpenly(session: Session, runId: string): Promise<void> {
  await session.query('BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0')
  await session.query(`SELECT pg_catalog.pg_advisory_xact_lock(${lockKey(runId)})`)
}

/** Databases of a run. */
export async function databasesOf(session: Session, runId: string): Promise<string[]> {
  return (await markedDatabases(session)).filter((name) => runIdOf(name) === runId)
}

async function markedDatabases(session: Session): Promise<string[]> {
  const marked = await session.query(
    `SELECT datname AS name FROM pg_catalog.pg_database WHERE datconnlimit = ${MARK} ORDER BY datname`,
  )
  return marked.map((row) => String(row['name'])).filter((name) => runIdOf(name) !== undefined)
}

/** The run that a name speaks of, if it is shaped like one of ours. */
export function runIdOf(name: string): string | undefined {
  return NAME.exec(name)?.[1]
}

async function liveKeys(session: Session): Promise<Set<bigint>> {
  const rows = await session.query(
    `SELECT ((classid::bigint << 32) | objid::bigint)::text AS key FROM pg_catalog.pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1 AND granted`,
  )
  return new Set(rows.map((row) => BigInt(String(row['key']))))
}

/** A run whose lock session was cut takes its lock anew within this time. */
const RELOCK_MS = 1_500

/** Those of the names whose runs are dead: they held no lock at two looks, some time apart. */
export async function namesOfDeadRuns(session: Session, names: readonly string[]): Promise<string[]> {
  const lockless = async (some: readonly string[]) => {
    const live = await liveKeys(session)
    return some.filter((name) => !live.has(lockKey(runIdOf(name) ?? '')))
  }
  const before = await lockless(names)
  if (before.length === 0) return []
  await new Promise((resolve) => setTimeout(resolve, RELOCK_MS))
  return lockless(before)
}

/** Drops the databases that dead runs left. */
export async function sweepDatabases(session: Session): Promise<void> {
  for (const name of await namesOfDeadRuns(session, await markedDatabases(session))) {
    // Another run may sweep at the same moment, or the database belong to a role that we are not.
    await dropDatabase(session, name).catch(() => undefined)
  }
}
