import { createHash } from 'node:crypto'
import { mkdir, readdir, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { defaultBase, ensureBase } from './base.ts'
import { createOwnedFolder, ownerGone, type OwnedFolder } from './owned-folder.ts'
import { removeFolder } from './remove-folder.ts'

/** Within the base: a folder for each lock that is held or waited for. */
export const LOCKS = 'locks'

/**
 * Runs `fn` while no other process of this user runs one for the same path. A holder that dies gives way at once.
 * Not reentrant.
 */
export async function withLock<T>(
  lockedPath: string,
  fn: () => Promise<T>,
  base = defaultBase(),
): Promise<T> {
  const name = createHash('sha256').update(path.resolve(lockedPath)).digest('hex').slice(0, 12)
  const folder = path.join(await ensureBase(base), LOCKS, name)
  const held = await acquire(folder)
  try {
    return await fn()
  } finally {
    await giveUp(folder, held)
  }
}

/**
 * Who wants the lock makes an owned folder with a number above all others, and has it when nobody is above and
 * everybody below is gone. So it does not matter which folders of the dead are cleared, nor when. Numbers begin with the
 * time: none comes a second time, so that a dead one is never taken for a live one that has come in its place.
 */
async function acquire(folder: string): Promise<OwnedFolder> {
  for (;;) {
    const highest = Math.max(0, ...(await numbersIn(folder)))
    // Who is there has it, or is about to.
    if (highest > 0) await ownerGone(path.join(folder, String(highest)))
    const number = Math.max(highest + 1, Date.now())
    const held = await makeNumber(folder, number)
    if (held === undefined) continue
    const numbers = await numbersIn(folder)
    if (Math.max(...numbers) === number) {
      for (const lower of numbers.filter((each) => each < number)) {
        await ownerGone(path.join(folder, String(lower)))
        await removeFolder(path.join(folder, String(lower)))
      }
      return held
    }
    await giveUp(folder, held)
  }
}

/** `undefined` if there is such a number, or the folder was cleared away meanwhile. */
async function makeNumber(folder: string, number: number): Promise<OwnedFolder | undefined> {
  try {
    // Node.js 20.20 has ENOENT for it, too, where the folder is cleared away while it looks whether that is one.
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return await createOwnedFolder(path.join(folder, String(number)), 0o700)
  } catch (error) {
    if (Object(error).code === 'ENOENT') return undefined
    throw error
  }
}

async function giveUp(folder: string, held: OwnedFolder): Promise<void> {
  await held.release()
  await removeFolder(held.path)
  // Not if somebody waits in it.
  await rmdir(folder).catch(() => undefined)
}

async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  return names.map(Number).filter((number) => Number.isInteger(number))
}
