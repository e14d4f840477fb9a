import { randomUUID } from 'node:crypto'
import type { ServerProcess } from '@vitest-lanes/server'
import { quoteIdent, quoteLiteral } from '../sql/quote.ts'
import type { Session } from '../sql/session.ts'
import { LOG_PREFIX } from './log-lines.ts'

/** The log of a server that we started. */
export interface StatementLog {
  /** From now on, hands on each line, and has new sessions in these databases log what they are sent. */
  open(databases: readonly string[], tell: (line: string) => void): Promise<OpenLog>
}

export interface OpenLog {
  /** Resolves when all has arrived that was logged until now; false if that does not come within 5 s. */
  arrived(): Promise<boolean>
  close(): void
}

/** ms */
const PATIENCE = 5_000

/**
 * The log that a server of ours writes to its standard error.
 * @param connect opens a session of the superuser
 */
export function statementLog(
  process: ServerProcess,
  connect: (database: string) => Promise<Session>,
): StatementLog {
  let prepared: Promise<void> | undefined
  return {
    async open(databases, tell) {
      const listeners = new Set<(line: string) => void>([tell])
      const off = process.onLine((line) => listeners.forEach((listener) => listener(line)))
      await (prepared ??= preparePrefix(connect, databases[0]!))
      const session = await connect(databases[0]!)
      try {
        for (const name of databases)
          await session.query(
            `ALTER DATABASE ${quoteIdent(name)} SET log_statement = 'all'; ALTER DATABASE ${quoteIdent(name)} SET track_functions = 'all'`,
          )
      } finally {
        await session.end()
      }
      return {
        close: off,
        async arrived() {
          const marker = randomUUID()
          let timer: NodeJS.Timeout | undefined
          const seen = new Promise<boolean>((resolve) => {
            listeners.add((line) => {
              if (line.includes(marker)) resolve(true)
            })
            timer = setTimeout(() => resolve(false), PATIENCE)
          })
          const last = await connect(databases[0]!)
          await last.query(`SELECT ${quoteLiteral(marker)}`)
          await last.end()
          return seen.finally(() => clearTimeout(timer))
        },
      }
    },
  }
}

/** Has lines of the log say who they are of. New sessions know of it once the server has read its settings again. */
async function preparePrefix(
  connect: (database: string) => Promise<Session>,
  database: string,
): Promise<void> {
  const session = await connect(database)
  try {
    await session.query(`ALTER SYSTEM SET log_line_prefix = ${quoteLiteral(LOG_PREFIX)}`)
    await session.query('SELECT pg_catalog.pg_reload_conf()')
  } finally {
    await session.end()
  }
  const deadline = Date.now() + PATIENCE
  for (;;) {
    const next = await connect(database)
    const [row] = await next.query('SHOW log_line_prefix')
    await next.end()
    if (row?.['log_line_prefix'] === LOG_PREFIX || Date.now() > deadline) return
  }
}
