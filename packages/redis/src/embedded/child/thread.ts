import { createServer, type Server, type Socket } from 'node:net'
import { parentPort } from 'node:worker_threads'
import type { Result, ThreadData, ThreadMessage, ThreadReply, ThreadRequest } from './messages.ts'
import { bootValkey, type Valkey } from './valkey.ts'

/** Until the first clients have been served, who have waited for all that there is to start. */
const BEGINNING_MS = 100

type Answer = (op: ThreadRequest['op']) => Result

/**
 * One instance: a Valkey, and the port that leads to it. A reset puts a fresh Valkey behind the same port, so
 * nothing of the old one can be left. The next is booted ahead, when nobody waits.
 */
async function serve(data: ThreadData): Promise<Answer> {
  let current: Valkey | undefined
  let spare: Valkey | undefined
  const onSocket = (socket: Socket) => (current === undefined ? socket.destroy() : current.accept(socket))
  const server = createServer({ pauseOnConnect: true }, onSocket)
  const port = await listen(server)

  const boot = (): Valkey => {
    const valkey: Valkey = bootValkey({
      module: data.module,
      port,
      password: data.password,
      onEnd(reason) {
        if (valkey === spare) spare = undefined
        if (valkey !== current) return
        server.close()
        say({ died: `${reason}\n${valkey.log()}` })
      },
    })
    return valkey
  }
  const prepare = () => (spare ??= boot())

  current = boot()
  const reset = () => {
    current?.destroy()
    current = spare ?? boot()
    spare = undefined
    setImmediate(prepare)
  }
  say({ ready: { port } })
  setTimeout(prepare, BEGINNING_MS)
  return (op) => {
    if (op === 'reset') reset()
    return op === 'ports' ? { ports: current?.ports() ?? {} } : {}
  }
}

function say(message: ThreadReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(message)
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', 511, () => {
      const address = server.address()
      resolve(address !== null && typeof address === 'object' ? address.port : 0)
    })
  })
}

let serving: Promise<Answer> | undefined
parentPort?.on('message', (message: ThreadMessage) => {
  if ('serve' in message) serving = serve(message.serve)
  // What fails ends the thread, which tells.
  else void serving?.then((answer) => say({ id: message.id, result: answer(message.op) }))
})
