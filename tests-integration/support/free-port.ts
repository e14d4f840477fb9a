import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A TCP port of the loopback interface on which nobody listens, and which no other process is given unasked:
 * it is below those that systems choose for "any port" (32768 on Linux, 49152 elsewhere).
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const server = createServer()
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
    } catch {
      continue
    }
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}
