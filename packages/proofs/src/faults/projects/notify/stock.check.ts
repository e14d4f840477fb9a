import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const client = new Client({ connectionString: process.env['DATABASE_URL'] })
beforeAll(() => client.connect())
afterAll(() => client.end())

test('books items out of the stock', async () => {
  for (let item = 1; item <= 12; item++) {
    await setTimeout(80)
    const { rowCount } = await client.query("SELECT pg_notify('changes', $1)", [`stock ${item}`])
    expect(rowCount).toBe(1)
  }
})
