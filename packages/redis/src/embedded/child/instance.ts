import { createServer, type Server, type Socket } from 'node:net'
import type { Result, ThreadData, ThreadRequest } from './messages.ts'
import { bootValkey, type Valkey } from './valkey.ts'

/** Until the first clients have been served, who have waited for all that there is to start. */
const BEGINNING_MS = 100

/** One that serves, and what it answers. */
export interface Served {
  readonly result: Result
  readonly answer: (op: ThreadRequest['op']) => Result
}

/**
 * One instance: a Valkey, and the port that leads to it. A reset puts a fresh Valkey behind the same port, so
 * nothing of the old one can be left. The next is booted ahead, when nobody waits.
 * @param died told why when it ends by itself
 */
export async function serve(data: ThreadData, died: (reason: string) => void): Promise<Served> {
  let current: Valkey | undefined
  let spare: Valkey | undefined
  const onSocket = (socket: Socket) => (current === undefined ? socket.destroy() : current.accept(socket))
  const server = createServer({ pauseOnConnect: true }, onSocket)
  const port = await listen(server)

  const boot = (ask?: string): Valkey => {
    const valkey: Valkey = bootValkey({
      module: data.module,
      port,
      password: data.password,
      ...(ask !== undefined && { ask }),
      onEnd(reason) {
        if (valkey === spare) spare = undefined
        if (valkey !== current) return
        server.close()
        died(`${reason}\n${valkey.log()}`)
      },
    })
    return valkey
  }
  const prepare = () => (spare ??= boot())

  current = boot(data.ask)
  const reset = () => {
    current?.destroy()
    current = spare ?? boot()
    spare = undefined
    setImmediate(prepare)
  }
  const replies = current.replies.toString('latin1')
  setTimeout(prepare, BEGINNING_MS)
  return {
    result: { port, replies },
    answer(op) {
      if (op === 'reset') reset()
      return op === 'ports' ? { ports: current?.ports() ?? {} } : {}
    },
  }
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
