import type { Redis } from 'ioredis'
import { readBaseline, restoring, type Baseline } from './baseline.ts'
import { sendAll } from './client.ts'

const EMPTY = [
  ['CLIENT', 'KILL', 'SKIPME', 'yes'],
  ['FLUSHALL', 'ASYNC'],
  ['SCRIPT', 'FLUSH'],
  ['FUNCTION', 'FLUSH'],
  ['ACL', 'LOG', 'RESET'],
  ['SLOWLOG', 'RESET'],
  ['LATENCY', 'RESET'],
  ['CONFIG', 'RESETSTAT'],
]

/** A node of a cluster refuses it: what it follows is decided by the cluster. */
const FOLLOW_NOBODY = ['REPLICAOF', 'NO', 'ONE']

/**
 * Makes a private server as new, and makes sure of it.
 * @throws if anything is left; the server is then of no more use.
 */
export async function resetNative(
  client: Redis,
  baseline: Baseline,
  kind: 'alone' | 'node' = 'alone',
): Promise<void> {
  // Rights and settings first: without them the rest may be refused.
  await sendAll(client, [
    ...restoring(await readBaseline(client), baseline),
    ...(kind === 'alone' ? [FOLLOW_NOBODY] : []),
    ...EMPTY,
  ])

  const checks = [
    ['INFO', 'keyspace'],
    ['CLIENT', 'LIST'],
    ['PUBSUB', 'CHANNELS', '*'],
    ['FUNCTION', 'LIST'],
  ]
  const [after, [keyspace, clients, channels, functions]] = await Promise.all([
    readBaseline(client),
    sendAll(client, checks),
  ])
  const left = [
    ...(String(keyspace).match(/^db\d+:/gm) ?? []),
    ...restoring(after, baseline).map((command) => command.slice(0, 3).join(' ')),
    ...(String(clients).trim().split('\n').length > 1 ? ['connections'] : []),
    ...(hasAny(channels) ? ['subscriptions'] : []),
    ...(hasAny(functions) ? ['functions'] : []),
  ]
  if (left.length > 0) throw new Error(`not clean after a reset: ${left.join(', ')}`)
}

function hasAny(reply: unknown): boolean {
  return Array.isArray(reply) && reply.length > 0
}
