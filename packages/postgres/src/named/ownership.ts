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

/** Databases of ours whose runs hold no lock: all, or only those of one run. */
export async function ownerless(session: Session, of?: string): Promise<string[]> {
  const marked = await session.query(
    `SELECT datname AS name FROM pg_catalog.pg_database WHERE datconnlimit = ${MARK} ORDER BY datname`,
  )
  const live = await liveKeys(session)
  return marked
    .map((row) => String(row['name']))
    .filter((name) => {
      const runId = NAME.exec(name)?.[1]
      if (runId === undefined) return false
      return of === undefined ? !live.has(lockKey(runId)) : runId === of
    })
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

/**
 * Drops what dead runs left. A run counts as dead when it holds no lock at two looks, some time apart.
 * @returns the databases that were dropped
 */
export async function sweepNamed(session: Session, pause = RELOCK_MS): Promise<string[]> {
  const before = await ownerless(session)
  if (before.length === 0) return []
  await new Promise((resolve) => setTimeout(resolve, pause))
  const still = new Set(await ownerless(session))
  const dead = before.filter((name) => still.has(name))
  // Another run may sweep at the same moment, or the database belong to a role that we are not.
  for (const name of dead) await dropDatabase(session, name).catch(() => undefined)
  return dead
}
