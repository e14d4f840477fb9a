import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())

beforeEach(async () => {
  await pool.query('DELETE FROM users')
})

test('users sign up and are found', async () => {
  for (let count = 1; count <= 15; count++) {
    await pool.query('INSERT INTO users VALUES ($1, $2)', [100 + count, `user ${count}`])
    // The mail with the link is on its way.
    await setTimeout(60)
    const { rowCount } = await pool.query('SELECT name FROM users')
    expect(rowCount).toBe(count)
  }
})
