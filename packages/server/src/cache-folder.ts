import path from 'node:path'
import { defaultBase, ensureBase, makePassage } from './base.ts'

/**
 * A folder of this user that is kept between runs. Build under `withLock`, in a folder beside the final one, and
 * rename when complete: a builder may be killed at any moment.
 */
export async function cacheFolder(kind: string, base: string = defaultBase()): Promise<string> {
  const cache = path.join(await ensureBase(base), 'cache')
  const folder = path.join(cache, kind)
  await makePassage(cache)
  await makePassage(folder)
  return folder
}
