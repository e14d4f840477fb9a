import type { RunFolder, ServerProcess } from '@vitest-lanes/server'
import { privateAddress, type Instance, type Source } from '../engine.ts'
import { connectionFindings } from '../findings.ts'
import { readBaseline } from './baseline.ts'
import { withClient } from './client.ts'
import type { Binary } from './find.ts'
import { resetNative } from './reset.ts'
import { startNative } from './start.ts'

/** A server that does not answer for so long is not worth waiting for: another starts in milliseconds. */
const PATIENCE = 2_000

/** A server of this machine's own binary for each instance. */
export function nativeSource(binary: Binary, runFolder: RunFolder, resource: string): Source {
  let opened = 0
  /** Those that could not be made into an instance are ended with the run. */
  const processes = new Set<ServerProcess>()
  return {
    name: `native ${binary.name}`,
    async open() {
      const native = await startNative(binary, runFolder, `r${++opened}`)
      processes.add(native.process)
      void native.process.exited.then(() => processes.delete(native.process))
      let stopping = false
      const baseline = await withClient(native, PATIENCE, readBaseline)
      const server: Instance = {
        address: privateAddress(native.port, native.password),
        died: diedByItself(native.process, () => stopping),
        reset: () => withClient(native, PATIENCE, (client) => resetNative(client, baseline)),
        inspect: () =>
          withClient(native, PATIENCE, async (client) =>
            connectionFindings(resource, String(await client.call('CLIENT', 'LIST'))),
          ),
        async stop() {
          stopping = true
          await native.process.stop({ signal: 'SIGKILL' })
        },
      }
      return server
    },
    async close() {
      // It keeps nothing that it would have to save.
      await Promise.all([...processes].map((process) => process.stop({ signal: 'SIGKILL' })))
    },
  }
}

async function diedByItself(server: ServerProcess, stopping: () => boolean): Promise<string> {
  const { code, signal } = await server.exited
  if (stopping()) return new Promise(() => undefined)
  const lastLines = server.lastOutput().trim().split('\n').slice(-3).join('\n')
  return `it ended (${signal ?? `exit code ${code}`}). It printed last:\n${lastLines}`
}
