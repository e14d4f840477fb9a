import type { Use, Watching } from '@vitest-lanes/core'
import { quoteLiteral } from '../sql/quote.ts'
import type { Session } from '../sql/session.ts'
import { readLog } from './log-lines.ts'
import type { StatementLog } from './statement-log.ts'
import { usesOfSql } from './statement-uses.ts'
import { readCounters, usesBetween, type Counters } from './statistics.ts'

/** Databases, or one schema of one, that are a file's own. */
export interface WatchedDatabases {
  readonly names: readonly string[]
  /** Where the instance is a schema of the only database. */
  readonly schema?: string
  readonly connect: (database: string) => Promise<Session>
  /** What clients send; absent where the server's log cannot be read. */
  readonly log?: StatementLog
  /** Whether the statistics are told when a session ends, and not some time later. */
  readonly isPrompt: boolean
  /** Whether other instances have databases on the same server. */
  readonly hasNeighbours: boolean
}

/** What our own sessions call themselves. */
const OURS = 'vitest-lanes'
/** ms for sessions to end, and for the log to arrive. */
const PATIENCE = 5_000
/** ms after which the statistics of older servers are complete (13, 14: every 500 ms). */
const LATE_STATISTICS = 1_000

/** Whether the statistics of a server are told when a session ends. */
export function countsPromptly(major: number): boolean {
  return major >= 15
}

/** Watches the databases of a file until it is stopped: by their statistics, and by the server's log. */
export async function watchDatabases(watched: WatchedDatabases): Promise<Watching> {
  const { names, schema, connect, log, hasNeighbours } = watched
  const before = new Map<string, Counters>()
  for (const name of names)
    before.set(name, await within(connect, name, (session) => readCounters(session, schema)))
  const uses: Use[] = []
  const beyond: Use[] = []
  let met = false
  const named = (use: Use, database: string): Use =>
    names.length === 1 ? use : { ...use, name: `${database}.${use.name}` }
  const reader = readLog((statement) => {
    if (statement.client === OURS || !names.includes(statement.database)) return
    met = true
    const found = usesOfSql(statement.text, statement.parameters)
    uses.push(...found.uses.map((use) => named(use, statement.database)))
    const own = hasNeighbours ? beyond : uses
    own.push(...found.beyond)
  })
  const logged = await log?.open(names, (line) => reader.line(line))
  return {
    async stop() {
      const unseen = log === undefined ? [UNSEEN_STATEMENTS] : []
      for (const name of names) {
        if (!(await isQuiet(watched, name))) unseen.push(STILL_CONNECTED)
        const found = await within(connect, name, async (session) =>
          usesBetween(before.get(name)!, await readCounters(session, schema), session),
        )
        uses.push(...found.map((use) => named(use, name)))
      }
      if (logged !== undefined && !(await logged.arrived())) unseen.push(LOG_LATE)
      logged?.close()
      reader.end()
      if (uses.length === 0 && met) uses.push({ kind: 'server', name: 'a connection', mode: 'read' })
      return { uses, beyond, ...(unseen.length > 0 && { unseen }) }
    },
  }
}

const UNSEEN_STATEMENTS =
  'PostgreSQL: definitions, advisory locks, LISTEN and NOTIFY, since the log of the server that `server` names cannot be read.'
const STILL_CONNECTED =
  'PostgreSQL: what sessions did that were still connected 5 s after the file had ended.'
const LOG_LATE = 'PostgreSQL: the last statements, since the log did not arrive within 5 s.'

/** Whether all sessions of the file have ended: only then has each told the statistics what it did. */
async function isQuiet({ connect, schema, isPrompt }: WatchedDatabases, name: string): Promise<boolean> {
  // Who shares a database knows nobody's sessions.
  if (schema !== undefined || !isPrompt) await pause(LATE_STATISTICS)
  if (schema !== undefined) return true
  return within(connect, name, async (session) => {
    const deadline = Date.now() + PATIENCE
    for (let wait = 2; ; wait = Math.min(2 * wait, 100)) {
      const [row] = await session.query(
        `SELECT count(*)::int AS count FROM pg_catalog.pg_stat_activity
         WHERE datname = ${quoteLiteral(name)} AND backend_type = 'client backend' AND application_name <> '${OURS}'`,
      )
      if (Number(row?.['count']) === 0) return true
      if (Date.now() > deadline) return false
      await pause(wait)
    }
  })
}

async function within<T>(
  connect: WatchedDatabases['connect'],
  name: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await connect(name)
  try {
    return await work(session)
  } finally {
    await session.end()
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
