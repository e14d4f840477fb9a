import { createHash } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { defaultBase, ensureBase } from './base.ts'
import { createOwnedFolder, ownerGone, type OwnedFolder } from './owned-folder.ts'

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
  const folder = path.join(await ensureBase(base), 'locks', name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const held = await acquire(folder)
  try {
    return await fn()
  } finally {
    await held.release()
  }
}

/**
 * The lock is a row of owned folders with rising numbers, and the highest is the lock. Who finds its owner gone may
 * make the next one, and only one can. A dead one is never taken over, so none can be taken over by two.
 */
async function acquire(folder: string): Promise<OwnedFolder> {
  for (;;) {
    const highest = Math.max(0, ...(await numbersIn(folder)))
    if (highest > 0) await ownerGone(path.join(folder, String(highest)))
    const held = await createOwnedFolder(path.join(folder, String(highest + 1)), 0o700)
    if (held === undefined) continue
    // Others may have gone on, and cleared the number that we then made anew, since we looked.
    const numbers = await numbersIn(folder)
    if (Math.max(...numbers) === highest + 1) {
      const older = numbers.filter((number) => number <= highest)
      await Promise.all(older.map((number) => remove(path.join(folder, String(number)))))
      return held
    }
    await held.release()
    await remove(held.path)
  }
}

async function numbersIn(folder: string): Promise<number[]> {
  return (await readdir(folder)).map(Number).filter((number) => Number.isInteger(number))
}

const remove = (folder: string) => rm(folder, { recursive: true, force: true })
