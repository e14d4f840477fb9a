import { LanesError } from '@vitest-lanes/core'
import type { Session } from '../sql/session.ts'
import { withSession } from './inspect-server.ts'
import type { Target } from './target.ts'

/**
 * Refuses a pooler in transaction mode, where a lock that we take would outlive us and sessions of different clients are
 * one: it shows by one session of the server answering two clients.
 * @throws LANES_SERVER_START
 */
export async function refusePooler(open: () => Promise<Session>, target: Target): Promise<void> {
  const shared = await withSession(open, (one) =>
    withSession(open, async (two) => (await backendOf(one)) === (await backendOf(two))),
  )
  if (!shared) return
  throw new LanesError(
    'LANES_SERVER_START',
    `What answers at ${target.place} is a pooler in transaction mode, which cannot hold a lock for the run.`,
    { hint: "Name the server's own address in `server`, or use `isolation: 'schema'`." },
  )
}

/**
 * Refuses a pooler that does not hand on `search_path` for each client by itself: what a file creates would be among what
 * belongs to others.
 * @param openIn opens a session with that search path
 * @throws LANES_SERVER_START
 */
export async function refuseLostPath(
  openIn: (searchPath: string) => Promise<Session>,
  target: Target,
): Promise<void> {
  const paths = ['lanes_a', 'lanes_b'] as const
  const arrives = withSession(
    () => openIn(paths[0]),
    (one) =>
      withSession(
        () => openIn(paths[1]),
        async (two) => {
          const sessions = [one, two, one, two]
          for (const [turn, session] of sessions.entries())
            if ((await pathOf(session)) !== paths[turn % 2]) return false
          return true
        },
      ),
  )
  const outcome = await arrives.catch((error: unknown) => {
    // PgBouncer: unsupported startup parameter (in options).
    if (/startup parameter/.test(String(error))) return false
    throw error
  })
  if (outcome) return
  throw new LanesError(
    'LANES_SERVER_START',
    `The pooler at ${target.place} does not hand search_path on to PostgreSQL for each of its clients.`,
    {
      hint: "Name the server's own address in `server`; or let PgBouncer 1.20 or newer, on PostgreSQL 18 or newer, `track_extra_parameters = IntervalStyle, search_path`.",
    },
  )
}

async function backendOf(session: Session): Promise<number> {
  const [row] = await session.query('SELECT pg_catalog.pg_backend_pid() AS pid')
  return Number(row?.['pid'])
}

async function pathOf(session: Session): Promise<string | undefined> {
  const [row] = await session.query("SELECT current_setting('search_path') AS path")
  return String(row?.['path']).split(',')[0]
}
