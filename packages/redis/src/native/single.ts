import { privateAddress, type Instance } from '../engine.ts'
import { leaksOn } from '../leaks/leaks.ts'
import { watchedServer } from '../audit/watchable.ts'
import { readBaseline } from './baseline.ts'
import { withConnection } from './with-connection.ts'
import { endOf } from './end.ts'
import { resetNative } from './reset.ts'
import type { StartNative } from './start.ts'

/** A server that does not answer for so long is not worth waiting for: another starts in milliseconds. */
export const PATIENCE = 2_000

/** One server. */
export async function openSingle(start: StartNative, name: string, resource: string): Promise<Instance> {
  const native = await start({ name })
  const end = endOf([native.process])
  const baseline = await withConnection(native, PATIENCE, readBaseline)
  return {
    address: privateAddress(native.port, native.password),
    died: end.died,
    reset: () => withConnection(native, PATIENCE, (connection) => resetNative(connection, baseline)),
    inspect: (file) => leaksOn(native, baseline, PATIENCE, resource, file),
    watched: [watchedServer(native)],
    stop: end.stop,
  }
}
