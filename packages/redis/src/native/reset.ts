import { ASK_BASELINE, baselineOf, readBaseline, restoring, type Baseline } from './baseline.ts'
import type { Connection } from './connection.ts'
import { sendAll } from './with-connection.ts'

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

const CHECKS = [
  ['INFO', 'keyspace'],
  ['CLIENT', 'LIST'],
  ['PUBSUB', 'CHANNELS', '*'],
  ['FUNCTION', 'LIST'],
]

/**
 * Makes a private server as new, and makes sure of it.
 * @throws if anything is left; the server is then of no more use.
 */
export async function resetNative(
  connection: Connection,
  baseline: Baseline,
  kind: 'alone' | 'node' = 'alone',
): Promise<void> {
  const empty = [...(kind === 'alone' ? [FOLLOW_NOBODY] : []), ...EMPTY]
  // Few files change rights or settings: all of it at once, and only where something is left, or was refused, step by step.
  const left = await emptied(connection, baseline, empty).catch((error: unknown) => [String(error)])
  if (left.length === 0) return
  // Rights and settings first: without them the rest may be refused.
  await sendAll(connection, [...restoring(await readBaseline(connection), baseline), ...empty])
  const stillLeft = await emptied(connection, baseline, [])
  if (stillLeft.length > 0) throw new Error(`not clean after a reset: ${stillLeft.join(', ')}`)
}

/** Sends the commands, and says what is left after them. */
async function emptied(
  connection: Connection,
  baseline: Baseline,
  commands: readonly (readonly string[])[],
): Promise<string[]> {
  const replies = await sendAll(connection, [...commands, ...CHECKS, ...ASK_BASELINE])
  const [keyspace, clients, channels, functions, ...after] = replies.slice(commands.length)
  return [
    ...(String(keyspace).match(/^db\d+:/gm) ?? []),
    ...restoring(baselineOf(after), baseline).map((command) => command.slice(0, 3).join(' ')),
    ...(String(clients).trim().split('\n').length > 1 ? ['connections'] : []),
    ...(hasAny(channels) ? ['subscriptions'] : []),
    ...(hasAny(functions) ? ['functions'] : []),
  ]
}

function hasAny(reply: unknown): boolean {
  return Array.isArray(reply) && reply.length > 0
}
