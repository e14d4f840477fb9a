import { Client } from 'pg'
import { expect, test } from 'vitest'

test('runs on a PostgreSQL that is new enough', async () => {
  const client = new Client({ connectionString: process.env['DATABASE_URL'] })
  await client.connect()
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  )
  expect(rows[0]?.version).toBeGreaterThan(130_000)
  await client.end()
})
