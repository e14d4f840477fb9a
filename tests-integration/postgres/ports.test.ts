import { once } from 'node:events'
import { createServer } from 'node:net'
import { freePort } from '@vitest-lanes/server'
import { expect, test } from 'vitest'
import { startBare } from './support/bare-cluster.ts'
import { ENGINES } from './support/provider.ts'

test.each(ENGINES)('a port that is taken between choice and use is chosen anew, %s', async (engine) => {
  const foreign = createServer()
  const ports: number[] = []
  const { starting, close } = await startBare(engine, {
    async choosePort() {
      const port = await freePort()
      // Somebody else is faster.
      if (ports.push(port) === 1) await once(foreign.listen(port, '127.0.0.1'), 'listening')
      return port
    },
  })
  const cluster = await starting
  expect(ports).toHaveLength(2)
  expect(cluster.port).toBe(ports[1])
  const session = await cluster.connect('postgres')
  expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  await session.end()
  await cluster.stop()
  foreign.close()
  await close()
})
