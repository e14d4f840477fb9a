import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'

test('answers each request', async () => {
  for (let request = 1; request <= 10; request++) {
    const server = createServer((_, answer) => answer.end(`order ${request}`)).listen(43_107, '127.0.0.1')
    await once(server, 'listening')
    // The handler asks a service.
    await setTimeout(60)
    const answer = await fetch('http://127.0.0.1:43107/')
    expect(await answer.text()).toBe(`order ${request}`)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})
