import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())

test.each(Array.from({ length: 15 }, (_, index) => index + 1))(
  'imports line %i of a file, and gives it a number',
  async (line) => {
    await setTimeout(40)
    const { rows } = await pool.query<{ id: number }>('INSERT INTO orders (item) VALUES ($1) RETURNING id', [
      `line ${line}`,
    ])
    expect(rows[0]?.id).toBeGreaterThan(0)
  },
)
