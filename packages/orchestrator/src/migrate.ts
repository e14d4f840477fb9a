import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'

/** The folder of SQL files, applied in the order of their names. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations/', import.meta.url))

/** One number for all callers: whoever holds it migrates, the others wait. */
const ADVISORY_LOCK = 740_044_007

/**
 * Brings a database up to date: applies each file of `migrations` that it does not know yet, each in a transaction.
 * May be called any number of times, and by several processes at once.
 * @returns the names of the files that were applied now
 * @throws the database's error; then the file that failed has changed nothing.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK])
    await client.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
    )
    const { rows } = await client.query<{ name: string }>('SELECT name FROM schema_migrations')
    const known = new Set(rows.map((row) => row.name))
    const files = (await readdir(MIGRATIONS_FOLDER)).filter((file) => file.endsWith('.sql')).toSorted()
    const missing = files.filter((file) => !known.has(file))
    for (const file of missing) await apply(client, file)
    return missing
  } finally {
    // Ending the session gives the lock back.
    await client.end()
  }
}

async function apply(client: Client, file: string): Promise<void> {
  const sql = await readFile(new URL(file, new URL('../migrations/', import.meta.url)), 'utf8')
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query('INSERT INTO schema_migrations (name) VALUES ($1)', [file])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
