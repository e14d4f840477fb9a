import type { Redis } from 'ioredis'
import { newPassword } from '../password.ts'

/** A user who can reach the keys of one prefix alone. */
export interface LimitedUser {
  readonly username: string
  readonly password: string
}

/**
 * Every command, except those that reach beyond the keys; of these, the ones that clients and BullMQ need.
 * Other databases are out of reach: a reset looks at one.
 * Channels are not limited: what listens to them is not told apart by a prefix.
 */
const RULES = ['&*', '+@all', '-@dangerous', '+info', '+client', '+config|get', '-select', '-move']

/**
 * Makes a user limited to one prefix, or none where the server does not let us.
 * The name says whose it is, but what is deleted is decided by the registry.
 */
export async function limitedUser(
  nodes: readonly Redis[],
  username: string,
  prefix: string,
): Promise<LimitedUser | undefined> {
  const password = newPassword()
  try {
    const rules = ['reset', 'on', `>${password}`, `~${prefix}:*`, ...RULES]
    await Promise.all(nodes.map((node) => node.call('ACL', 'SETUSER', username, ...rules)))
    return { username, password }
  } catch {
    return undefined
  }
}

/** Deletes users, and throws out who is connected as one of them. */
export async function deleteUsers(
  nodes: readonly Redis[],
  isOurs: (username: string) => boolean,
): Promise<void> {
  await Promise.all(nodes.map((node) => deleteUsersOf(node, isOurs)))
}

async function deleteUsersOf(client: Redis, isOurs: (username: string) => boolean): Promise<void> {
  const names = await client.call('ACL', 'USERS').catch(() => [])
  const ours = Array.isArray(names) ? names.map(String).filter(isOurs) : []
  if (ours.length > 0) await client.call('ACL', 'DELUSER', ...ours)
}
