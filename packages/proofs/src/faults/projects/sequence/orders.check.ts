import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())
beforeEach(() => pool.query('TRUNCATE orders RESTART IDENTITY'))

test('numbers orders from 1', async () => {
  for (let order = 1; order <= 20; order++) {
    const sql = "INSERT INTO orders (item) VALUES ('tea') RETURNING id"
    const { rows } = await pool.query<{ id: number }>(sql)
    expect(rows).toEqual([{ id: order }])
    await setTimeout(40)
  }
})
