import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { defaultBase, ensureBase, passageMode } from './base.ts'

/**
 * A folder of this user that is kept between runs. Build under `withLock`, in a folder beside the final one, and
 * rename when complete: a builder may be killed at any moment.
 */
export async function cacheFolder(kind: string, base: string = defaultBase()): Promise<string> {
  const folder = path.join(await ensureBase(base), 'cache', kind)
  await mkdir(folder, { recursive: true, mode: passageMode() })
  return folder
}
