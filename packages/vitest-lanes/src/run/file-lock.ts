import { mkdir, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** What is done under the lock takes milliseconds: a lock as old as this was left by a run that was killed. */
const STALE_MS = 10_000
const RETRY_MS = 20

/** Does something that only one process may do at a time. The lock is a folder, made in one step on every file system. */
export async function whileLocked<T>(path: string, act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      await mkdir(path)
      break
    } catch (error) {
      if (!isTaken(error)) throw error
      if (await isStale(path)) await rm(path, { recursive: true, force: true })
      else await sleep(RETRY_MS)
    }
  }
  try {
    return await act()
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

/** False if it is gone by now. */
async function isStale(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > STALE_MS
}
