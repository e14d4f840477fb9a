import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'

test('takes each web hook', async () => {
  for (let hook = 1; hook <= 10; hook++) {
    const server = createServer((_, answer) => answer.end(`hook ${hook}`)).listen(43_107, '127.0.0.1')
    await once(server, 'listening')
    // The sender tries again.
    await setTimeout(60)
    const answer = await fetch('http://127.0.0.1:43107/')
    expect(await answer.text()).toBe(`hook ${hook}`)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})
