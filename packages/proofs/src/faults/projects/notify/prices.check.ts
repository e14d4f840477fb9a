import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const client = new Client({ connectionString: process.env['DATABASE_URL'] })
const heard: (string | undefined)[] = []
beforeAll(async () => {
  await client.connect()
  client.on('notification', ({ payload }) => heard.push(payload))
  await client.query('LISTEN changes')
})
afterAll(() => client.end())

test('tells of each new price, once', async () => {
  for (let item = 1; item <= 12; item++) {
    await client.query("SELECT pg_notify('changes', $1)", [`price ${item}`])
    await setTimeout(80)
    expect(heard.splice(0)).toEqual([`price ${item}`])
  }
})
