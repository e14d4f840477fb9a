import { LanesError } from '@vitest-lanes/core'
import { expect, test } from 'vitest'
import type { Cluster } from '../../packages/postgres/dist/cluster/start-cluster.js'
import { giveUp } from '../../packages/postgres/dist/own/launch.js'

// As the socket of a server that has gone.
const REFUSED = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
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

test.each([DISCONNECT, REFUSED])(
  'that a server has ended is told, with what it printed: %s',
  async (error) => {
    const { cluster, calls } = server(true)
    await expect(giveUp(cluster, NAME, error)).rejects.toMatchObject({
      code: 'LANES_SERVER_START',
      cause: error,
      message: expect.stringMatching(
        /^native PostgreSQL 15\.18 ended before it was ready \(SIGKILL\)\.[^]*starting/,
      ),
    })
    expect(calls).toEqual(['stop'])
  },
)

test.each([
  ['an error of another kind', true, new Error('syntax error')],
  [
    'a migration that failed',
    true,
    new LanesError('LANES_MIGRATION', 'Migration 7.sql:12 failed: Connection terminated'),
  ],
  ['one of a connection alone', false, DISCONNECT],
])('%s stays what it is', async (_, hasEnded, error) => {
  const { cluster, calls } = server(hasEnded)
  await expect(giveUp(cluster, NAME, error)).rejects.toBe(error)
  expect(calls).toEqual(['stop'])
})
