import { setTimeout } from 'node:timers/promises'
import { watchedServer } from '../audit/watchable.ts'
import { privateAddress, type Instance } from '../engine.ts'
import { connectionFindings } from '../findings.ts'
import { newPassword } from '../password.ts'
import { readBaseline } from './baseline.ts'
import { clientsOf, withConnection } from './with-connection.ts'
import { endOf } from './end.ts'
import { resetNative } from './reset.ts'
import { PATIENCE } from './single.ts'
import type { NativeServer, StartNative } from './start.ts'

/** As in the configuration that comes with Redis. */
const NAME = 'mymaster'

/** The connections of a sentinel to what it watches: two, which have no name in their first moments. */
const OWN = /\bname=sentinel-[0-9a-f]{8}-(?:cmd|pubsub)\b/
const OWN_COUNT = 2
/** ms. One that was told to watch nothing has none. */
const MOST_UNNAMED = 500

/** A master, and a sentinel that watches it. Both have the same password. */
export async function openSentinel(start: StartNative, name: string, resource: string): Promise<Instance> {
  const password = newPassword()
  const master = await start({ name: `${name}-m`, password })
  const startSentinel = (port?: number) =>
    start({
      name: `${name}-s`,
      password,
      args: ['--sentinel'],
      settings: [
        `sentinel monitor ${NAME} 127.0.0.1 ${master.port} 1`,
        `sentinel auth-pass ${NAME} ${password}`,
      ],
      ready: /\+monitor master/,
      ...(port !== undefined && { choosePort: () => Promise.resolve(port) }),
    })
  const baseline = await withConnection(master, PATIENCE, readBaseline)
  let sentinel: NativeServer = await startSentinel()
  const end = endOf([master.process, sentinel.process])
  return {
    address: {
      ...privateAddress(master.port, password),
      sentinels: [{ host: '127.0.0.1', port: sentinel.port }],
      sentinelName: NAME,
    },
    died: end.died,
    async reset() {
      // It remembers what it was told and has connections to the master: another takes its place and port.
      await end.replace(sentinel.process, async () => {
        await withConnection(master, PATIENCE, (connection) => resetNative(connection, baseline))
        sentinel = await startSentinel(sentinel.port)
        return sentinel.process
      })
    },
    async inspect(file) {
      for (const begun = performance.now(); ; await setTimeout(20)) {
        const lists = await Promise.all([master, sentinel].map((server) => clientsOf(server, PATIENCE)))
        const clients = lists.join('\n').split('\n')
        const others = clients.filter((line) => !OWN.test(line))
        if (clients.length - others.length >= OWN_COUNT || performance.now() - begun > MOST_UNNAMED)
          return connectionFindings(resource, others.join('\n'), file)
      }
    },
    watched: [watchedServer(master)],
    stop: end.stop,
  }
}
