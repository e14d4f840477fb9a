import { once } from 'node:events'
import { createServer } from 'node:net'
import { freePort, openRunFolder } from '@vitest-lanes/server'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { findNative } from '../../packages/redis/dist/native/find.js'
import { startNative } from '../../packages/redis/dist/native/start.js'
import { closing } from './clients.ts'
import { withoutNative } from './engines.ts'

test.skipIf(withoutNative !== undefined)(
  'a port that is taken between choice and use is chosen anew',
  async () => {
    const binary = await findNative()
    await using folder = await openRunFolder()
    const foreign = createServer()
    const ports: number[] = []
    const choosePort = async () => {
      const port = await freePort()
      // Somebody else is faster, twice.
      if (ports.push(port) === 1) await once(foreign.listen(port, '127.0.0.1'), 'listening')
      return ports.length === 2 ? (ports[0] ?? port) : port
    }
    const server = await startNative(binary!, folder, { name: 'r1', choosePort })
    expect(ports).toHaveLength(3)
    expect(server.port).toBe(ports[2])
    {
      using client = closing(new Redis({ port: server.port, password: server.password }))
      expect(await client.ping()).toBe('PONG')
    }
    await server.process.stop()
    foreign.close()
  },
)
