import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

const client = new Client({ connectionString: process.env['DATABASE_URL'] })
let heard: (string | undefined)[] = []
beforeAll(async () => {
  await client.connect()
  client.on('notification', ({ payload }) => heard.push(payload))
  await client.query('LISTEN changes')
})
beforeEach(() => {
  heard = []
})
afterAll(() => client.end())

test.each(Array.from({ length: 15 }, (_, index) => index + 1))(
  'tells of the new price of item %i, once',
  async (item) => {
    await client.query("SELECT pg_notify('changes', $1)", [`price ${item}`])
    await setTimeout(80)
    expect(heard).toEqual([`price ${item}`])
  },
)
