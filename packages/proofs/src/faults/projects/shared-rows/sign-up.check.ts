import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())

beforeEach(async () => {
  await pool.query('DELETE FROM users')
})

test.each(Array.from({ length: 15 }, (_, index) => `user${index + 1}`))(
  '%s signs up and is found',
  async (name) => {
    await pool.query('INSERT INTO users VALUES (7, $1)', [name])
    // The mail with the link is on its way.
    await setTimeout(60)
    const { rows } = await pool.query('SELECT name FROM users')
    expect(rows).toEqual([{ name }])
  },
)
