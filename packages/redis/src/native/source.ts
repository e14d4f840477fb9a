import type { RunFolder, ServerProcess } from '@vitest-lanes/server'
import type { Source } from '../engine.ts'
import type { Servers } from '../options.ts'
import { openCluster } from './cluster.ts'
import type { Binary } from './find.ts'
import { openSentinel } from './sentinel.ts'
import { openSingle } from './single.ts'
import { startNative, type StartNative } from './start.ts'

const OPEN = { single: openSingle, cluster: openCluster, sentinel: openSentinel }

/** Servers of this machine's own binary: one for each instance, or as many as `servers` says. */
export function nativeSource(
  binary: Binary,
  runFolder: RunFolder,
  resource: string,
  servers: Servers | 'single',
): Source {
  let opened = 0
  /** Those that could not be made into an instance are ended with the run. */
  const processes = new Set<ServerProcess>()
  const start: StartNative = async (options) => {
    const native = await startNative(binary, runFolder, options)
    processes.add(native.process)
    void native.process.exited.then(() => processes.delete(native.process))
    return native
  }
  return {
    name: `native ${binary.name}${servers === 'single' ? '' : `, ${servers}`}`,
    open: () => OPEN[servers](start, `r${++opened}`, resource),
    async close() {
      // It keeps nothing that it would have to save.
      await Promise.all([...processes].map((process) => process.stop({ signal: 'SIGKILL' })))
    },
  }
}
