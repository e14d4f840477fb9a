import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { processIdentity } from '@vitest-lanes/server'
import type { Redis } from 'ioredis'

/** Who made something on a server that others use too. */
export interface Owner {
  readonly run: string
  /** Name of a connection that this run holds as long as it lives. */
  readonly connection: string
  readonly machine: string
  readonly pid: number
  readonly identity: string
}

/** `name` is for people who look at the server; what is made of it has no spaces, as connection names must not. */
export async function newOwner(name: string): Promise<Owner> {
  const run = `${encodeURIComponent(name)}-${randomBytes(4).toString('hex')}`
  return {
    run,
    connection: `vitest-lanes:${run}`,
    machine: machine(),
    pid: process.pid,
    identity: (await processIdentity(process.pid)) ?? '',
  }
}

/** A connection that breaks comes back within this time, while its run lives. */
const RECONNECT = 1_000

/**
 * Whether a run is dead for certain: its connection, which the server closes when its process dies, is gone, and stays
 * gone; and if it ran on this machine, its process is gone too. Who may not see the connections knows nothing.
 */
export function isDead(client: Redis, owner: Owner): Promise<boolean> {
  return isDeadOn([client], owner)
}

/** The same of a run that is connected to each of several servers. */
export async function isDeadOn(nodes: readonly Redis[], owner: Owner): Promise<boolean> {
  if (owner.machine === machine() && (await processIdentity(owner.pid)) === owner.identity) return false
  if (!(await isGone(nodes, owner))) return false
  await new Promise((resolve) => setTimeout(resolve, RECONNECT))
  return isGone(nodes, owner)
}

async function isGone(nodes: readonly Redis[], owner: Owner): Promise<boolean> {
  const gone = await Promise.all(nodes.map((node) => isDisconnected(node, owner)))
  return gone.every((each) => each)
}

async function isDisconnected(client: Redis, owner: Owner): Promise<boolean> {
  try {
    const clients = String(await client.call('CLIENT', 'LIST'))
    return clients !== '' && !clients.split(/[ \n]/).includes(`name=${owner.connection}`)
  } catch {
    return false
  }
}

export function readOwner(text: string): Owner | undefined {
  try {
    const owner: Partial<Owner> = Object(JSON.parse(text))
    const { run, connection, machine, pid, identity } = owner
    if (run === undefined || connection === undefined) return undefined
    return { run, connection, machine: machine ?? '', pid: pid ?? 0, identity: identity ?? '' }
  } catch {
    return undefined
  }
}

function machine(): string {
  try {
    return `${hostname()} ${readFileSync('/etc/machine-id', 'latin1').trim()}`
  } catch {
    return hostname()
  }
}
