import { LanesError } from '@vitest-lanes/core'
import type { Session } from '../sql/session.ts'
import type { Target } from './target.ts'

/** What one file may open at the same time without taking from another. */
const PER_INSTANCE = 10
/** Ours: the lock, one that makes, one that drops, one that sweeps, and one to spare. */
const OWN = 5

/** How many instances the server's free connections allow: at least one. */
export async function connectionRoom(
  session: Session,
  target: Target,
  wanted: number,
): Promise<{ readonly instances: number }> {
  const [row] = await session.query(`
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0)
        - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend')::int AS free,
      (SELECT rolconnlimit FROM pg_catalog.pg_roles WHERE rolname = current_user) AS role_limit`)
  const limit = Number(row?.['role_limit'])
  const free = Math.min(Number(row?.['free']), limit < 0 ? Number.POSITIVE_INFINITY : limit) - OWN
  if (free < 1) {
    throw new LanesError('LANES_SERVER_START', `PostgreSQL at ${target.place} has no connection to spare.`, {
      hint: 'Raise max_connections, or close what holds them: SELECT * FROM pg_stat_activity.',
    })
  }
  return { instances: Math.max(1, Math.min(wanted, Math.floor(free / PER_INSTANCE))) }
}
