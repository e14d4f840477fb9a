import { fileURLToPath } from 'node:url'
import { LanesError } from '@vitest-lanes/core'
import { startServer, type RunFolder, type ServerProcess } from '@vitest-lanes/server'
import type { Reply, Request, Result } from './child/messages.ts'

type Call = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

/** The child process in which the embedded servers live. */
export interface Host {
  /** Rejects if the child does not answer in `timeout` ms, or dies before it does. */
  call(request: Call, timeout?: number): Promise<Result>
  /** Resolves with a reason when an instance, or the child with all of them, has died by itself. */
  died(name: string): Promise<string>
  stop(): Promise<void>
}

const CHILD = fileURLToPath(new URL('child/main.js', import.meta.url))

export interface HostOptions {
  readonly runFolder: RunFolder
  /** The path of valkey.wasm. */
  readonly program: string
  /** For one instance, which is there sooner and ends with the child. */
  readonly alone?: boolean
  readonly onEnd?: () => void
}

export async function startHost({ runFolder, program, alone = false, onEnd }: HostOptions): Promise<Host> {
  const server = await startServer({
    name: 'embedded valkey',
    command: process.execPath,
    args: [CHILD, program, ...(alone ? ['alone'] : [])],
    env: childEnvironment(),
    runFolder,
    input: '',
    ready: /^\{"up"/,
    killSignal: 'SIGKILL',
  })
  const waiting = new Map<number, (reply: { result: Result } | { error: string }) => void>()
  const watched = new Map<string, (reason: string) => void>()
  let asked = 0
  let over: string | undefined
  server.onLine((line) => {
    const reply = parse(line)
    if (reply === undefined) return
    if ('died' in reply) watched.get(reply.died)?.(reply.reason)
    else waiting.get(reply.id)?.(reply)
  })
  void watchEnd(server, (how) => {
    const reason = `${alone ? 'its process' : 'the process of all embedded servers'} ended (${how})`
    over = reason
    onEnd?.()
    for (const tell of watched.values()) tell(reason)
    for (const answer of waiting.values()) answer({ error: reason })
  })
  return {
    call(request, timeout = 10_000) {
      const id = ++asked
      return new Promise<Result>((resolve, reject): void => {
        if (over !== undefined && request.op === 'close') return resolve({})
        const fail = (reason: string) =>
          reject(new LanesError('LANES_PROVIDER_OPEN', `Embedded Valkey: ${reason}.`))
        if (over !== undefined) return fail(over)
        const timer = setTimeout(() => fail(`no answer to ${request.op} within ${timeout / 1000} s`), timeout)
        waiting.set(id, (reply) => {
          clearTimeout(timer)
          waiting.delete(id)
          if ('result' in reply) resolve(reply.result)
          else fail(reply.error)
        })
        server.stdin?.write(`${JSON.stringify({ ...request, id })}\n`)
      })
    },
    died: (name) => new Promise((resolve) => watched.set(name, resolve)),
    async stop() {
      watched.clear()
      await server.stop({ signal: 'SIGKILL' })
    },
  }
}

async function watchEnd(server: ServerProcess, tell: (reason: string) => void): Promise<void> {
  const { code, signal } = await server.exited
  tell(signal ?? `exit code ${code}`)
}

/**
 * Without what changes how Node runs: `--import`, `--inspect` and the like are meant for the files. Certificates take Node 20
 * as long to read as all else together when it starts, and this child trusts nobody.
 */
function childEnvironment(): NodeJS.ProcessEnv {
  const {
    NODE_OPTIONS: _options,
    NODE_V8_COVERAGE: _coverage,
    NODE_EXTRA_CA_CERTS: _certificates,
    ...rest
  } = process.env
  return rest
}

function parse(line: string): Reply | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by our child process
    return JSON.parse(line) as Reply
  } catch {
    return undefined
  }
}
