import type { RunContext } from '@vitest-lanes/core'
import { LanesError } from '@vitest-lanes/core'
import type { Redis } from 'ioredis'
import { SHARED_SERVER } from '../audit/watchable.ts'
import type { Instance, Source } from '../engine.ts'
import { OUR_NAME } from '../native/connection.ts'
import { connectionFindings } from '../findings.ts'
import { place, urlOf, type Address } from './address.ts'
import { abandon, claimDatabases, flush, giveBack, type Claimed } from './claims.ts'
import { connectNamed } from './connect.ts'
import { isCluster } from './keyspace.ts'
import { newOwner, type Owner } from './owner.ts'

/**
 * Logical databases of a server that the user names, one an instance: those that are empty, and those that a dead run
 * has left. Nothing else on the server is touched.
 * @throws LANES_SERVER_START if the server cannot be used, or no database is free
 */
export async function namedDatabases(address: Address, context: RunContext): Promise<Source> {
  const owner = await newOwner(`${context.runId}-${context.resource}`)
  const client = await connectNamed(address, owner.connection)
  let claimed: readonly Claimed[]
  try {
    if (await isCluster(client)) throw hasOneDatabase(address)
    claimed = await claimDatabases(client, owner, context.instances)
    await refuseKeeping(client, address, owner, claimed)
  } catch (error) {
    client.disconnect()
    throw error
  }
  if (claimed.length === 0) {
    client.disconnect()
    throw new LanesError('LANES_SERVER_START', `Redis at ${place(address)} has no free logical database.`, {
      hint: `Two must be empty: one for the run's notes, one to use. Or use isolation: 'prefix'.`,
    })
  }
  const wanted = context.instances
  const few = claimed.length < wanted ? `, ${claimed.length} of ${wanted} databases free` : ''
  context.log(`${context.resource}: ${place(address)}, one logical database an instance${few}`)

  const free = [...claimed]
  const died = new Promise<string>((resolve) => {
    client.once('end', () => resolve(`the connection to ${place(address)} broke, and did not come back`))
  })
  return {
    name: `named ${place(address)}, logical databases`,
    ...(few !== '' && { instances: claimed.length }),
    async open() {
      const taken = free.shift()
      if (taken === undefined)
        throw new LanesError('LANES_PROVIDER_OPEN', 'All databases of this run are in use.')
      return instanceOf(client, address, taken, context.resource, died, () => free.push(taken))
    },
    async close() {
      // A server that has gone has taken everything with it.
      await giveBack(client, owner, claimed).catch(() => undefined)
      client.removeAllListeners('end')
      client.disconnect()
    },
  }
}

function hasOneDatabase(address: Address): LanesError {
  return new LanesError(
    'LANES_SERVER_START',
    `Redis at ${place(address)} is a cluster, which has one database only.`,
    { hint: `Add isolation: 'prefix'.` },
  )
}

/** Who may not empty a database would leave in it what the files have written. */
async function refuseKeeping(
  client: Redis,
  address: Address,
  owner: Owner,
  claimed: readonly Claimed[],
): Promise<void> {
  const [first] = claimed
  if (first === undefined) return
  try {
    await flush(client, first)
  } catch (cause) {
    await abandon(client, owner, claimed)
    throw new LanesError(
      'LANES_SERVER_START',
      `The user ${address.username === '' ? 'default' : address.username} may not empty a logical database of Redis at ${place(address)}.`,
      { hint: 'Let it use EVAL, SELECT, DBSIZE and FLUSHDB.', cause },
    )
  }
}

function instanceOf(
  client: Redis,
  address: Address,
  claim: Claimed,
  resource: string,
  died: Promise<string>,
  giveUp: () => void,
): Instance {
  const { db } = claim
  return {
    address: {
      url: urlOf(address, db),
      host: address.path === undefined ? address.host : '',
      port: address.path === undefined ? address.port : 0,
      username: address.username,
      password: address.password,
      db,
      ...(address.path !== undefined && { socket: address.path }),
    },
    died,
    reset: () => flush(client, claim),
    async inspect(file) {
      const clients = await client.client('LIST').catch(() => '')
      const here = String(clients)
        .split('\n')
        .filter((line) => new RegExp(`\\bdb=${db} `).test(line) && !line.includes('name=vitest-lanes:'))
      return connectionFindings(resource, here.join('\n'), file)
    },
    watched: [
      {
        connect: () => connectNamed(address, OUR_NAME),
        only: (command) => (command.db === db ? { ...command, db: 0 } : undefined),
        unseen: [SHARED_SERVER],
        isShared: true,
      },
    ],
    async stop() {
      await flush(client, claim).catch(() => undefined)
      giveUp()
    },
  }
}
