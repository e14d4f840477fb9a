import type { PoolClient } from 'pg'
import { type Database, getPool } from './clients.ts'

/**
 * Runs `work` in one transaction as the role `app_user`, bound by row-level security to one organization.
 * Commits when `work` resolves, rolls back when it rejects.
 */
export async function withOrganization<T>(
  organizationId: string,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const client = await getPool().connect()
  let broken: Error | undefined
  try {
    await enter(client, organizationId)
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((fault: Error) => {
      broken = fault
    })
    throw error
  } finally {
    client.release(broken)
  }
}

async function enter(client: PoolClient, organizationId: string): Promise<void> {
  await client.query('BEGIN')
  await client.query('SET LOCAL ROLE app_user')
  await client.query(`SELECT set_config('app.organization_id', $1, true)`, [organizationId])
}

export interface Organization {
  readonly id: string
  readonly name: string
  readonly slug: string
}

/** Adds an organization, or renames the one that has its id. */
export async function saveOrganization(db: Database, organization: Organization): Promise<void> {
  await db.query(
    `INSERT INTO organizations (id, name, slug) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, slug = excluded.slug`,
    [organization.id, organization.name, organization.slug],
  )
}
