import type { Use } from '@vitest-lanes/core'
import { quoteLiteral } from '../sql/quote.ts'
import type { Session } from '../sql/session.ts'
import { usesOfFunction } from './statement-uses.ts'

/** Counters of a database, by what they count. */
export type Counters = ReadonlyMap<string, { readonly read: number; readonly written: number }>

const NAMED = `(schemaname || '.' || relname)`

/**
 * How often tables, sequences and functions have been used, as the statistics of a database say.
 * @param schema only what is in it, named as if it were `public`; everything where left out
 */
export async function readCounters(session: Session, schema?: string): Promise<Counters> {
  const only = schema === undefined ? '' : ` WHERE schemaname = ${quoteLiteral(schema)}`
  const rows = await session.query(`
    SELECT 'table ' || ${NAMED} AS what, (coalesce(seq_scan, 0) + coalesce(idx_scan, 0))::float8 AS read,
      (n_tup_ins + n_tup_upd + n_tup_del)::float8 AS written FROM pg_catalog.pg_stat_user_tables${only}
    UNION ALL
    SELECT 'sequence ' || ${NAMED}, 0, (blks_read + blks_hit)::float8 FROM pg_catalog.pg_statio_user_sequences${only}
    UNION ALL
    SELECT 'function ' || funcid, calls::float8, 0 FROM pg_catalog.pg_stat_user_functions${only}`)
  return new Map(
    rows.map((row) => {
      const what = String(row['what'])
      const name = schema === undefined ? what : what.replace(` ${schema}.`, ' public.')
      return [name, { read: Number(row['read']), written: Number(row['written']) }]
    }),
  )
}

/** What was used between two looks. */
export async function usesBetween(before: Counters, after: Counters, session: Session): Promise<Use[]> {
  const uses: Use[] = []
  const called: string[] = []
  for (const [what, now] of after) {
    const then = before.get(what) ?? { read: 0, written: 0 }
    const space = what.indexOf(' ')
    const [kind, name] = [what.slice(0, space), what.slice(space + 1)]
    if (kind === 'function') {
      if (now.read > then.read) called.push(name)
      continue
    }
    if (now.written > then.written) uses.push({ kind, name, mode: 'write' })
    else if (now.read > then.read) uses.push({ kind, name, mode: 'read' })
  }
  return [...uses, ...(await usesOfFunctions(session, called))]
}

/** What happens within a function is in no statement of the log. */
async function usesOfFunctions(session: Session, oids: readonly string[]): Promise<Use[]> {
  if (oids.length === 0) return []
  const rows = await session.query(
    `SELECT prosrc AS source FROM pg_catalog.pg_proc WHERE oid IN (${oids.map(Number).join(', ')})`,
  )
  return rows.flatMap((row) => usesOfFunction(String(row['source'])))
}
