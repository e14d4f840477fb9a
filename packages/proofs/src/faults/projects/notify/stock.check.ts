import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const client = new Client({ connectionString: process.env['DATABASE_URL'] })
beforeAll(() => client.connect())
afterAll(() => client.end())

test.each(Array.from({ length: 15 }, (_, index) => index + 1))(
  'books item %i out of the stock',
  async (item) => {
    await setTimeout(60)
    const { rowCount } = await client.query("SELECT pg_notify('changes', $1)", [`stock ${item}`])
    expect(rowCount).toBe(1)
  },
)
