import { freePort } from '@vitest-lanes/server'
import { watchedServer } from '../audit/watchable.ts'
import { privateAddress, type Instance } from '../engine.ts'
import { connectionFindings } from '../findings.ts'
import { newPassword } from '../password.ts'
import { readBaseline } from './baseline.ts'
import { clientsOf, withConnection } from './with-connection.ts'
import type { Connection } from './connection.ts'
import { endOf } from './end.ts'
import { resetNative } from './reset.ts'
import { PATIENCE } from './single.ts'
import type { NativeServer, StartNative } from './start.ts'

const MASTERS = 3
const SLOTS = 16_384
/** A master takes no writes for its first 2 s, whatever the cluster says (`CLUSTER_WRITABLE_DELAY`, seen on 7.0). */
const JOINING = 20_000
/** Nodes talk to each other on their port and 10,000 more. */
const HIGHEST_PORT = 65_535 - 10_000

const SETTINGS = [
  'cluster-enabled yes',
  'cluster-config-file nodes.conf',
  // Else it is learned from the first node that is met.
  'cluster-announce-ip 127.0.0.1',
]

/** Three masters, each with a third of the slots, and no replica. */
export async function openCluster(start: StartNative, name: string, resource: string): Promise<Instance> {
  const password = newPassword()
  const numbers = Array.from({ length: MASTERS }, (_, number) => number)
  const nodes = await Promise.all(
    numbers.map((number) =>
      start({ name: `${name}-${number}`, password, settings: SETTINGS, choosePort: clusterPort }),
    ),
  )
  const end = endOf(nodes.map((node) => node.process))
  await join(nodes)
  const first = await Promise.all(nodes.map((node) => withConnection(node, PATIENCE, readBaseline)))
  const shape = await shapeOf(nodes)
  const [{ port }] = nodes as [NativeServer]
  return {
    address: {
      ...privateAddress(port, password),
      nodes: nodes.map((node) => ({ host: '127.0.0.1', port: node.port })),
    },
    died: end.died,
    async reset() {
      await Promise.all(
        nodes.map((node, number) =>
          withConnection(node, PATIENCE, (connection) => resetNative(connection, first[number]!, 'node')),
        ),
      )
      // A cluster that a file has rebuilt is not worth mending: another takes its place.
      if ((await shapeOf(nodes)) !== shape) throw new Error('the nodes or slots of the cluster were changed')
    },
    async inspect(file) {
      const lists = await Promise.all(nodes.map((node) => clientsOf(node, PATIENCE)))
      return connectionFindings(resource, lists.join('\n'), file)
    },
    watched: nodes.map((node) => watchedServer(node)),
    stop: end.stop,
  }
}

async function clusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (port <= HIGHEST_PORT) return port
  }
}

/** Gives each node its slots, has them meet, and waits until each of them knows all. */
async function join(nodes: readonly NativeServer[]): Promise<void> {
  const bounds = Array.from({ length: nodes.length + 1 }, (_, number) =>
    Math.round((SLOTS * number) / nodes.length),
  )
  await Promise.all(
    nodes.map((node, number) =>
      withConnection(node, JOINING, async (connection) => {
        const slots = range(bounds[number] ?? 0, bounds[number + 1] ?? SLOTS)
        await connection.call('CLUSTER', 'ADDSLOTS', ...slots)
        // Two masters with one epoch would have to settle it first.
        await connection.call('CLUSTER', 'SET-CONFIG-EPOCH', number + 1)
      }),
    ),
  )
  await Promise.all(
    nodes.map((node) =>
      withConnection(node, JOINING, async (connection) => {
        for (const other of nodes.filter((each) => each !== node))
          await connection.call('CLUSTER', 'MEET', '127.0.0.1', other.port)
        while (!(await isWhole(connection))) await new Promise((resolve) => setTimeout(resolve, 20))
      }),
    ),
  )
}

async function isWhole(connection: Connection): Promise<boolean> {
  const info = String(await connection.call('CLUSTER', 'INFO'))
  const says = (line: string) => info.split(/\r?\n/).includes(line)
  if (!says('cluster_state:ok') || !says(`cluster_known_nodes:${MASTERS}`)) return false
  return (
    says(`cluster_slots_ok:${SLOTS}`) &&
    !String(await connection.call('CLUSTER', 'NODES')).includes('handshake')
  )
}

/** Who is in the cluster and has which slots, as each node sees it; without what changes by itself. */
async function shapeOf(nodes: readonly NativeServer[]): Promise<string> {
  const views = await Promise.all(
    nodes.map((node) => withConnection(node, PATIENCE, (connection) => connection.call('CLUSTER', 'NODES'))),
  )
  const rows = views.map((view) => {
    const lines = String(view).trim().split('\n')
    // id, address, flags, master, ping, pong, epoch, link, slots …
    return lines.map((line) => line.split(' ').toSpliced(4, 4).join(' ')).toSorted()
  })
  return JSON.stringify(rows)
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
