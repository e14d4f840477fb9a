import { expect, test } from 'vitest'
import type { Cluster } from '../../packages/postgres/dist/cluster/start-cluster.js'
import { giveUp } from '../../packages/postgres/dist/own/launch.js'

const DISCONNECT = Object.assign(new Error('terminating connection'), { code: '57P01' })
const NAME = 'native PostgreSQL 15.18'

/** A server that ends once it is stopped, if not before. */
function server(hasEnded: boolean) {
  const calls: string[] = []
  const exited = hasEnded
    ? Promise.resolve({ code: null, signal: 'SIGKILL' })
    : new Promise<never>(() => undefined)
  const cluster = {
    process: { exited, lastOutput: () => 'starting PostgreSQL' },
    stop: async () => void calls.push('stop'),
  } as unknown as Cluster
  return { cluster, calls }
}

test('a connection that ended because the server did is told as that, with what it printed', async () => {
  const { cluster, calls } = server(true)
  await expect(giveUp(cluster, NAME, DISCONNECT)).rejects.toMatchObject({
    code: 'LANES_SERVER_START',
    message: expect.stringMatching(
      /^native PostgreSQL 15\.18 ended before it was ready \(SIGKILL\)\.[^]*starting/,
    ),
  })
  expect(calls).toEqual(['stop'])
})

test.each([
  ['an error of another kind', true, new Error('syntax error')],
  ['one of a connection alone', false, DISCONNECT],
])('%s stays what it is', async (_, hasEnded, error) => {
  const { cluster, calls } = server(hasEnded)
  await expect(giveUp(cluster, NAME, error)).rejects.toBe(error)
  expect(calls).toEqual(['stop'])
})
