import { setTimeout } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
afterAll(() => pool.end())
beforeEach(() => pool.query('TRUNCATE orders RESTART IDENTITY'))

test.each(Array.from({ length: 15 }, (_, index) => `item${index + 1}`))(
  'numbers orders of a %s from 1',
  async (item) => {
    const numbers: unknown[] = []
    for (let order = 0; order < 3; order++) {
      const { rows } = await pool.query<{ id: number }>(
        'INSERT INTO orders (item) VALUES ($1) RETURNING id',
        [item],
      )
      numbers.push(rows[0]?.id)
      await setTimeout(20)
    }
    expect(numbers).toEqual([1, 2, 3])
  },
)
