import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())

beforeEach(async () => {
  await pool.query('DELETE FROM users')
  await pool.query("INSERT INTO users VALUES (1, 'ann', 100), (2, 'bob', 0)")
})

test.each(Array.from({ length: 15 }, (_, index) => index + 1))(
  'moves %i from one account to another',
  async (amount) => {
    await pool.query('UPDATE users SET balance = balance - $1 WHERE id = 1', [amount])
    // The bank takes a moment to agree.
    await setTimeout(60)
    await pool.query('UPDATE users SET balance = balance + $1 WHERE id = 2', [amount])
    const { rows } = await pool.query('SELECT balance FROM users ORDER BY id')
    expect(rows).toEqual([{ balance: 100 - amount }, { balance: amount }])
  },
)
