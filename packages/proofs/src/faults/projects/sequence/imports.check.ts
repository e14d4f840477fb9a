import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())

test('gives each line of a file a number', async () => {
  for (let line = 1; line <= 20; line++) {
    await setTimeout(40)
    const sql = 'INSERT INTO orders (item) VALUES ($1) RETURNING id'
    const { rows } = await pool.query<{ id: number }>(sql, [`line ${line}`])
    expect(rows[0]?.id).toBeGreaterThan(0)
  }
})
