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
    if (keys.length > 0) deleted += await client.unlink(...keys)
    cursor = next
  } while (cursor !== '0')
  return deleted
}

function escapeGlob(text: string): string {
  return text.replace(/[*?[\]^\\]/g, '\\$&')
}
