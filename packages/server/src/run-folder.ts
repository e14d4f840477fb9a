import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { defaultBase, ensureBase, passageMode } from './base.ts'
import { createOwnedFolder, removeOwnedFolder } from './owned-folder.ts'

export interface RunFolderOptions {
  /** Ten lower-case letters and digits; new ones where left out. */
  readonly runId?: string
  /** Where to put it; `defaultBase()` where left out. `defaultBase('/dev/shm')` for data that should be in memory. */
  readonly base?: string
}

/** A folder that belongs to one run, and to this process: when it dies, the next run clears it away. */
export interface RunFolder {
  readonly path: string
  readonly runId: string
  /** Has a function called when the process exits without having closed the folder. Returns what takes it back. */
  onExit(cleanUp: () => void): () => void
  /** Gives the lock up and removes the folder. End its servers first. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Within a run folder: one file for each server that may live. */
export const SERVERS = 'servers'
export const RUN_PREFIX = 'run-'

/**
 * Makes a folder that dies with this process: `<base>/run-<runId>-<random>/`, mode 0700 (for root 0711, so that a
 * server that runs as another user can reach its data).
 * @throws LANES_SERVER_START if the base is not ours alone.
 */
export async function openRunFolder(options: RunFolderOptions = {}): Promise<RunFolder> {
  const base = await ensureBase(options.base ?? defaultBase())
  const runId = options.runId ?? newRunId()
  const name = `${RUN_PREFIX}${runId}-${randomBytes(2).toString('hex')}`
  const owned = await createOwnedFolder(path.join(base, name), passageMode())
  if (owned === undefined) return openRunFolder(options)
  await mkdir(path.join(owned.path, SERVERS), { mode: 0o700 })

  const cleanUps = new Set<() => void>()
  const cleanUpAll = () => {
    for (const cleanUp of cleanUps) cleanUp()
  }
  process.once('exit', cleanUpAll)
  const close = async () => {
    process.off('exit', cleanUpAll)
    await owned.release()
    await removeOwnedFolder(owned.path)
  }
  return {
    path: owned.path,
    runId,
    onExit(cleanUp) {
      cleanUps.add(cleanUp)
      return () => cleanUps.delete(cleanUp)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Ten lower-case letters and digits. */
export function newRunId(): string {
  return BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString(36)
    .padStart(10, '0')
    .slice(-10)
}
