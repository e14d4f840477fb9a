import type { Session } from '../sql/session.ts'

/** ms. A table that holds very many rows that are gone takes long to find one in: then nothing is said of any. */
const PROBE_MS = 50

/** Where `CREATED` looks. */
const CATALOGS = ['pg_class', 'pg_proc', 'pg_type', 'pg_namespace', 'pg_extension']

export interface Contents {
  /** `public.jobs (about 3)`: rows in tables that were empty, by the statistics. */
  readonly rows: readonly string[]
  /** `table public.notes`. */
  readonly objects: readonly string[]
}

/** The tables that are empty in a database that nobody has used, by their oids, which every clone of it has too. */
export async function emptyTables(session: Session): Promise<number[]> {
  const rows = await session.query(
    `SELECT c.oid::bigint AS oid FROM pg_catalog.pg_class c
     WHERE relkind = 'r' AND relpages = 0 AND reltuples <= 0 AND c.oid >= 16384`,
  )
  return rows.map((row) => Number(row['oid']))
}

/**
 * What a file has left in its database, to which `session` is connected, and nobody else: who is connected has not yet
 * counted all that it did. Most files leave nothing, which a query shows that needs no catalog but by its index.
 * @param born oid of the database
 */
export async function contentsOf(
  session: Session,
  empty: readonly number[],
  born: number,
): Promise<Contents> {
  const created = CATALOGS.map((catalog) => `EXISTS (SELECT FROM pg_catalog.${catalog} WHERE oid > ${born})`)
  const [first = {}] = await session.query(
    `SELECT ${created.join(' OR ')} AS created, pg_catalog.to_json(ARRAY(
       SELECT oid::bigint FROM unnest('{${empty.join(',')}}'::oid[]) oid
       WHERE pg_catalog.pg_stat_get_live_tuples(oid) > 0 LIMIT 100)) AS filled`,
  )
  const filled = Array.isArray(first['filled']) ? first['filled'].map(Number) : []
  const objects = first['created'] === true ? await session.query(CREATED) : []
  return {
    rows: filled.length === 0 ? [] : await rowsLeft(session, filled),
    objects: objects.map((row) => String(row['what'])),
  }
}

/**
 * Rows are counted from the statistics, which every session completes when it ends (from 15 on). They may count too many,
 * as deletes that are reported before the inserts of another session are cut off at none (`pgstat_relation_flush_cb`):
 * so each table that they name is asked for one row.
 */
async function rowsLeft(session: Session, tables: readonly number[]): Promise<string[]> {
  const named = await session.query(
    `SELECT format('%I.%I', nspname, relname) AS name, pg_catalog.pg_stat_get_live_tuples(c.oid) AS count
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
     WHERE c.oid IN (${tables.join(', ')}) ORDER BY 1`,
  )
  if (named.length === 0) return []
  const probes = named.map(({ name }, index) => `EXISTS (SELECT FROM ONLY ${String(name)}) AS t${index}`)
  const [found] = await session
    .query(`SET statement_timeout = ${PROBE_MS}; SELECT ${probes.join(', ')}`)
    .catch(() => [])
  return named
    .filter((_, index) => found?.[`t${index}`] === true)
    .map(({ name, count }) => `${String(name)} (about ${String(count)})`)
}

/**
 * What was created here came after the database: oids are given out in order, to databases too. What belongs to something
 * else that was created is left out: rows of a table, indexes, what an extension brings.
 */
const CREATED = `
  WITH born AS (SELECT oid AS after FROM pg_catalog.pg_database WHERE datname = current_database()),
  spaces AS (SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_'),
  owned AS (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype IN ('e', 'i', 'a') AND objsubid = 0
    AND (deptype <> 'a' OR classid = 'pg_catalog.pg_class'::regclass))
  SELECT what FROM (
    SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
        WHEN 'f' THEN 'foreign table' ELSE 'table' END || ' ' || nspname || '.' || relname AS what,
      c.oid, 'pg_catalog.pg_class'::regclass AS classid
    FROM pg_catalog.pg_class c JOIN spaces n ON n.oid = relnamespace WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 'function ' || nspname || '.' || proname, p.oid, 'pg_catalog.pg_proc'::regclass
    FROM pg_catalog.pg_proc p JOIN spaces n ON n.oid = pronamespace
    UNION ALL
    SELECT 'type ' || nspname || '.' || typname, t.oid, 'pg_catalog.pg_type'::regclass
    FROM pg_catalog.pg_type t JOIN spaces n ON n.oid = typnamespace WHERE typtype IN ('e', 'd', 'r')
    UNION ALL SELECT 'schema ' || nspname, oid, 'pg_catalog.pg_namespace'::regclass FROM spaces
    UNION ALL SELECT 'extension ' || extname, oid, 'pg_catalog.pg_extension'::regclass FROM pg_catalog.pg_extension
  ) created, born
  WHERE created.oid > born.after AND NOT EXISTS (
    SELECT FROM owned WHERE owned.classid = created.classid AND owned.objid = created.oid)
  ORDER BY created.oid LIMIT 100`
