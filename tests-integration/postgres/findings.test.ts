import { Client } from 'pg'
import { expect, test } from 'vitest'
import { startRun, urlOf } from './support/provider.ts'

test('a file that closes what it opened leaves nothing to tell', async () => {
  const run = await startRun({})
  expect(await (await run.open()).inspect?.()).toEqual([])
})

test('connections and transactions that a file leaves open are told, by their names', async () => {
  const run = await startRun({})
  const instance = await run.open()
  const client = new Client({ connectionString: urlOf(instance), application_name: 'worker' })
  client.on('error', () => undefined)
  await client.connect()
  await client.query('begin; select 1')
  expect(await instance.inspect?.()).toEqual([
    {
      kind: 'postgres-connection-open',
      message: '1 connection to postgres left open, by worker.',
      resource: 'postgres',
    },
    {
      kind: 'postgres-transaction-open',
      message: '1 transaction to postgres left open, by worker.',
      resource: 'postgres',
    },
  ])
  await client.end()
})

test('nothing is told of a database that files share', async () => {
  const run = await startRun({})
  expect(await run.open('shared')).not.toHaveProperty('inspect')
})
