import { createServer, type Server, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import type { ThreadData, ThreadReply, ThreadRequest } from './messages.ts'
import { bootValkey, type Valkey } from './valkey.ts'

/**
 * One instance: a Valkey, and the port that leads to it. A reset puts a fresh Valkey behind the same port, so
 * nothing of the old one can be left. The next is booted ahead, when nobody waits.
 */
async function serve(): Promise<void> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `threads.ts`
  const data = workerData as ThreadData & { module: WebAssembly.Module }

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
  const prepare = () => setImmediate(() => (spare ??= boot()))

  current = boot()
  const reset = () => {
    current?.destroy()
    current = spare ?? boot()
    spare = undefined
    prepare()
  }
  parentPort?.on('message', ({ id, op }: ThreadRequest) => {
    if (op === 'reset') reset()
    say({ id, result: op === 'ports' ? { ports: current?.ports() ?? {} } : {} })
  })
  say({ ready: { port } })
  prepare()
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

await serve()
