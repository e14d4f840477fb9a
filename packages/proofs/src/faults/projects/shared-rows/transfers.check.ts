import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())

beforeEach(async () => {
  await pool.query('DELETE FROM users')
  await pool.query("INSERT INTO users VALUES (1, 'ann', 100), (2, 'bob', 0)")
})

test('moves money from one account to another', async () => {
  for (let amount = 1; amount <= 15; amount++) {
    await pool.query('UPDATE users SET balance = balance - 1 WHERE id = 1')
    // The bank takes a moment to agree.
    await setTimeout(60)
    await pool.query('UPDATE users SET balance = balance + 1 WHERE id = 2')
    const { rows } = await pool.query('SELECT balance FROM users ORDER BY id')
    expect(rows).toEqual([{ balance: 100 - amount }, { balance: amount }])
  }
})
