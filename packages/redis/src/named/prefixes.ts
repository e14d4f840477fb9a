import { LanesError, type RunContext } from '@vitest-lanes/core'
import type { Redis } from 'ioredis'
import type { Instance, Source } from '../engine.ts'
import { connectionFindings } from '../findings.ts'
import { place, urlOf, type Address } from './address.ts'
import { connectNamed } from './connect.ts'
import { deleteByPrefix } from './keys.ts'
import { isDead, newOwner, readOwner } from './owner.ts'
import { deleteUsers, limitedUser, type LimitedUser } from './users.ts'

/** Says which runs have made keys and users here. */
const RUNS = 'vitest-lanes:prefixes'

const prefixOf = (run: string) => `vl-${run}-`

/**
 * A key prefix an instance, on a server that the user names: for servers with one database. Enforced with a user for
 * each instance, where the server lets us make one.
 * @throws LANES_SERVER_START if the server cannot be used, or is a cluster
 */
export async function namedPrefixes(address: Address, context: RunContext): Promise<Source> {
  const owner = await newOwner(context.runId)
  const client = await connectNamed(address, owner.connection)
  try {
    await refuseCluster(client, address)
    await client.hset(RUNS, owner.run, JSON.stringify(owner))
    await clearDeadRuns(client)
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
      const prefix = `${prefixOf(owner.run)}${++opened}`
      const user = await limitedUser(client, prefix, prefix)
      if (user === undefined) {
        context.log(
          `${context.resource}: ${place(address)} lets us make no users, so the prefixes are not enforced`,
        )
      }
      return instanceOf(client, address, prefix, user, context.resource, died)
    },
    async close() {
      const giveBack = async () => {
        await clear(client, owner.run)
        await client.hdel(RUNS, owner.run)
      }
      // A server that has gone has taken everything with it.
      await giveBack().catch(() => undefined)
      client.removeAllListeners('end')
      client.disconnect()
    },
  }
}

function instanceOf(
  client: Redis,
  address: Address,
  prefix: string,
  user: LimitedUser | undefined,
  resource: string,
  died: Promise<string>,
): Instance {
  const entry = { ...address, ...user }
  const { host, port, path, username, password } = entry
  const empty = async () => {
    await deleteByPrefix(client, `${prefix}:`)
    const left = await deleteByPrefix(client, `${prefix}:`)
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
      ...(path !== undefined && { socket: path }),
    },
    died,
    reset: empty,
    async inspect(file) {
      if (user === undefined) return []
      const clients = String(await client.client('LIST').catch(() => ''))
      const own = clients.split('\n').filter((line) => line.includes(` user=${user.username} `))
      return connectionFindings(resource, own.join('\n'), file)
    },
    async stop() {
      await deleteUsers(client, (name) => name === user?.username).catch(() => undefined)
      await empty().catch(() => undefined)
    },
  }
}

/** What a dead run has entered is gone before its entry is: who is killed in between leaves it to the next. */
async function clearDeadRuns(client: Redis): Promise<void> {
  for (const [run, value] of Object.entries(await client.hgetall(RUNS))) {
    const owner = readOwner(value)
    if (owner === undefined || !(await isDead(client, owner))) continue
    await clear(client, run)
    await client.hdel(RUNS, run)
  }
}

async function clear(client: Redis, run: string): Promise<void> {
  await deleteUsers(client, (name) => name.startsWith(prefixOf(run)))
  await deleteByPrefix(client, prefixOf(run))
}

async function refuseCluster(client: Redis, address: Address): Promise<void> {
  const info = await client.info('cluster').catch(() => '')
  if (!info.includes('cluster_enabled:1')) return
  throw new LanesError(
    'LANES_SERVER_START',
    `Redis at ${place(address)} is a cluster, which is not supported yet.`,
    {
      hint: 'Leave `server` out: then each instance is a private server.',
    },
  )
}
