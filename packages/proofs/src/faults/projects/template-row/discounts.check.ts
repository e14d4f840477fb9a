import { Pool } from 'pg'
import { afterAll, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())

test('lowers the price of a plan', async () => {
  await pool.query("UPDATE plans SET price = 8 WHERE name = 'team'")
  const { rows } = await pool.query("SELECT price FROM plans WHERE name = 'team'")
  expect(rows).toEqual([{ price: 8 }])
})
