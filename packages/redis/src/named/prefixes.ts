import type { RunContext } from '@vitest-lanes/core'
import { SHARED_SERVER, withoutPrefix } from '../audit/watchable.ts'
import type { Instance, Source } from '../engine.ts'
import { OUR_NAME } from '../native/connection.ts'
import { connectionFindings } from '../findings.ts'
import { place, urlOf, type Address } from './address.ts'
import { connectNamed } from './connect.ts'
import { deleteEverywhere } from './keys.ts'
import { openKeyspace, type Keyspace } from './keyspace.ts'
import { isDeadOn, newOwner, readOwner } from './owner.ts'
import { deleteUsers, limitedUser, type LimitedUser } from './users.ts'

/** Says which runs have made keys and users here. */
const RUNS = 'vitest-lanes:prefixes'

const prefixOf = (run: string) => `vl-${run}-`

/**
 * A key prefix an instance, on a server that the user names: for servers with one database. Enforced with a user for
 * each instance, where the server lets us make one.
 * @throws LANES_SERVER_START if the server cannot be used
 */
export async function namedPrefixes(address: Address, context: RunContext): Promise<Source> {
  const owner = await newOwner(context.runId)
  const client = await connectNamed(address, owner.connection)
  let space: Keyspace
  try {
    space = await openKeyspace(client, address, owner.connection)
    await space.keys.hset(RUNS, owner.run, JSON.stringify(owner))
    await clearDeadRuns(space)
  } catch (error) {
    client.disconnect()
    throw error
  }
  context.log(`${context.resource}: ${place(address)}, a key prefix an instance`)
  const died = new Promise<string>((resolve) => {
    client.once('end', () => resolve(`the connection to ${place(address)} broke, and did not come back`))
  })
  let opened = 0
  return {
    name: `named ${place(address)}, key prefixes`,
    async open() {
      const name = `${prefixOf(owner.run)}${++opened}`
      const prefix = space.prefix(name)
      const user = await limitedUser(space.nodes(), name, prefix)
      if (user === undefined) {
        context.log(
          `${context.resource}: ${place(address)} lets us make no users, so the prefixes are not enforced`,
        )
      }
      return instanceOf(space, address, prefix, user, context.resource, died)
    },
    async close() {
      const giveBack = async () => {
        await clear(space, owner.run)
        await space.keys.hdel(RUNS, owner.run)
      }
      // A server that has gone has taken everything with it.
      await giveBack().catch(() => undefined)
      client.removeAllListeners('end')
      space.disconnect()
    },
  }
}

function instanceOf(
  space: Keyspace,
  address: Address,
  prefix: string,
  user: LimitedUser | undefined,
  resource: string,
  died: Promise<string>,
): Instance {
  const entry = { ...address, ...user }
  const { host, port, path, username, password } = entry
  const empty = async () => {
    await deleteEverywhere(space.nodes(), `${prefix}:`)
    const left = await deleteEverywhere(space.nodes(), `${prefix}:`)
    if (left > 0) throw new Error(`keys of ${prefix} are still being written`)
  }
  return {
    address: {
      url: urlOf(entry, 0),
      host: path === undefined ? host : '',
      port: path === undefined ? port : 0,
      username,
      password,
      db: 0,
      prefix,
      ...(space.masters !== undefined && { nodes: space.masters }),
      ...(path !== undefined && { socket: path }),
    },
    died,
    reset: empty,
    async inspect(file) {
      if (user === undefined) return []
      const lists = await Promise.all(space.nodes().map((node) => node.client('LIST').catch(() => '')))
      const own = lists
        .join('\n')
        .split('\n')
        .filter((line) => line.includes(` user=${user.username} `))
      return connectionFindings(resource, own.join('\n'), file)
    },
    watched: (space.masters ?? [address]).map((node) => ({
      connect: () => connectNamed({ ...address, ...node }, OUR_NAME),
      only: (command) => withoutPrefix(command, prefix),
      unseen: [SHARED_SERVER],
      isShared: true,
    })),
    async stop() {
      await deleteUsers(space.nodes(), (name) => name === user?.username).catch(() => undefined)
      await empty().catch(() => undefined)
    },
  }
}

/** What a dead run has entered is gone before its entry is: who is killed in between leaves it to the next. */
async function clearDeadRuns(space: Keyspace): Promise<void> {
  for (const [run, value] of Object.entries(await space.keys.hgetall(RUNS))) {
    const owner = readOwner(value)
    if (owner === undefined || !(await isDeadOn(space.nodes(), owner))) continue
    await clear(space, run)
    await space.keys.hdel(RUNS, run)
  }
}

async function clear(space: Keyspace, run: string): Promise<void> {
  const isOurs = (name: string) => name.startsWith(prefixOf(run))
  await deleteUsers(space.nodes(), isOurs)
  // What every prefix of the run begins with, in a cluster an open brace too.
  const begin = space.prefix(prefixOf(run)).replace(/\}$/, '')
  await deleteEverywhere(space.nodes(), begin)
}
