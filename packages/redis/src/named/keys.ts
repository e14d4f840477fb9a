import type { Redis } from 'ioredis'

/** Keys looked at in one step; others get their turn in between. */
const STEP = 1_000

/**
 * Deletes all keys that begin with a prefix, with `SCAN`, which does not hold up the server's other users.
 * @returns how many there were
 */
export async function deleteByPrefix(client: Redis, prefix: string): Promise<number> {
  let deleted = 0
  let cursor = '0'
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `${escapeGlob(prefix)}*`, 'COUNT', STEP)
    // One by one: a node of a cluster takes no keys of different slots in one command.
    const replies = await client.pipeline(keys.map((key) => ['unlink', key])).exec()
    deleted += replies?.filter(([, count]) => count === 1).length ?? 0
    cursor = next
  } while (cursor !== '0')
  return deleted
}

/** The same on several servers. */
export async function deleteEverywhere(nodes: readonly Redis[], prefix: string): Promise<number> {
  const counts = await Promise.all(nodes.map((node) => deleteByPrefix(node, prefix)))
  return counts.reduce((sum, count) => sum + count, 0)
}

function escapeGlob(text: string): string {
  return text.replace(/[*?[\]^\\]/g, '\\$&')
}
