import { lstat, readdir, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { defaultBase } from './base.ts'
import { LOCKS } from './lock.ts'
import { bearsMarker, ownershipOf, removeOwnedFolder, UNFINISHED } from './owned-folder.ts'
import { RUN_PREFIX } from './run-folder.ts'
import { endRecordedServer, readServerRecords } from './server-record.ts'

/** A folder without a lock may be one that another run is making at this moment, which takes milliseconds. */
const GRACE_MS = 10 * 60_000

/**
 * Clears away what dead runs of this user left under `base`: ends their servers, removes their folders and locks.
 * A run is dead when its lock is. Safe beside live runs and beside other sweeps.
 * @returns the folders of runs that were removed.
 */
export async function sweepDeadRuns(base: string = defaultBase(), grace = GRACE_MS): Promise<string[]> {
  const names = await readdir(base).catch(() => [])
  const folders = names
    .filter((name) => name.startsWith(RUN_PREFIX) || name.startsWith(UNFINISHED))
    .map((name) => path.join(base, name))
  const swept = await Promise.all(
    folders.map(async (folder) => ((await sweep(folder, grace)) ? folder : undefined)),
  )
  await sweepLocks(path.join(base, LOCKS), grace)
  return swept.filter((folder) => folder !== undefined)
}

async function sweepLocks(locks: string, grace: number): Promise<void> {
  for (const name of await readdir(locks).catch(() => [])) {
    const folder = path.join(locks, name)
    const held = await readdir(folder).catch(() => [])
    await Promise.all(held.map((each) => sweep(path.join(folder, each), grace)))
    // Not if somebody holds it, or waits for it.
    await rmdir(folder).catch(() => undefined)
  }
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
