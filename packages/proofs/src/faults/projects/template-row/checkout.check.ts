import { Pool } from 'pg'
import { afterAll, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())

test('charges the price of the team plan for each seat', async () => {
  const { rows } = await pool.query<{ price: number }>("SELECT price FROM plans WHERE name = 'team'")
  expect(3 * (rows[0]?.price ?? 0)).toBe(30)
})
