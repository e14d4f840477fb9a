import type { Finding } from '@vitest-lanes/core'
import { quoteLiteral } from './sql/quote.ts'
import type { Row, Session } from './sql/session.ts'

/** What a file left connected to its database. `session` is on another one. */
export async function leftOpen(session: Session, resource: string, database: string): Promise<Finding[]> {
  const rows = await session.query(
    `SELECT coalesce(nullif(application_name, ''), 'unnamed') AS name, state LIKE 'idle in transaction%' AS open
     FROM pg_catalog.pg_stat_activity WHERE datname = ${quoteLiteral(database)} AND backend_type = 'client backend'`,
  )
  const transactions = rows.filter((row) => row['open'] === true)
  return [
    ...finding('postgres-connection-open', 'connection', rows, resource),
    ...finding('postgres-transaction-open', 'transaction', transactions, resource),
  ]
}

function finding(kind: string, what: string, rows: readonly Row[], resource: string): Finding[] {
  if (rows.length === 0) return []
  const names = [...new Set(rows.map((row) => String(row['name'])))]
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? `, and ${names.length - 3} more` : '')
  const count = rows.length === 1 ? `1 ${what}` : `${rows.length} ${what}s`
  return [{ kind, message: `${count} to ${resource} left open, by ${shown}.`, resource }]
}
