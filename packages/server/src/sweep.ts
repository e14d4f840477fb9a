import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { defaultBase } from './base.ts'
import { bearsMarker, ownershipOf, removeOwnedFolder, UNFINISHED } from './owned-folder.ts'
import { RUN_PREFIX } from './run-folder.ts'
import { endRecordedServer, readServerRecords } from './server-record.ts'

/** A folder without a lock may be one that another run is making at this moment, which takes milliseconds. */
const GRACE_MS = 10 * 60_000

/**
 * Clears away what dead runs of this user left under `base`: ends their servers, removes their folders.
 * A run is dead when its lock is. Safe beside live runs and beside other sweeps.
 * @returns the folders that were removed.
 */
export async function sweepDeadRuns(base: string = defaultBase(), grace = GRACE_MS): Promise<string[]> {
  const names = await readdir(base).catch(() => [])
  const folders = names
    .filter((name) => name.startsWith(RUN_PREFIX) || name.startsWith(UNFINISHED))
    .map((name) => path.join(base, name))
  const swept = await Promise.all(
    folders.map(async (folder) => ((await sweep(folder, grace)) ? folder : undefined)),
  )
  return swept.filter((folder) => folder !== undefined)
}

async function sweep(folder: string, grace: number): Promise<boolean> {
  const ownership = await ownershipOf(folder)
  if (ownership === 'alive') return false
  if (ownership === 'missing') {
    const stat = await lstat(folder).catch(() => undefined)
    if (stat === undefined || Date.now() - stat.mtimeMs < grace) return false
    if (!(await bearsMarker(folder))) return false
  }
  await Promise.all((await readServerRecords(folder)).map((record) => endRecordedServer(record)))
  return removeOwnedFolder(folder).then(
    () => true,
    () => false,
  )
}
