import { chmod, lstat, mkdir } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { LanesError } from '@vitest-lanes/core'

/** A Unix socket's path may have 103 bytes on macOS and 107 on Linux; ours add at most 45 to the base. */
const LONGEST_BASE = 103 - 45

/**
 * Folder of this user under which runs and caches live: `<parent>/vitest-lanes-<uid>`.
 * `parent` is the system's temporary folder, or `/tmp` where that one is too long for a Unix socket.
 */
export function defaultBase(parent: string = tmpdir()): string {
  const folder = `vitest-lanes-${process.getuid?.() ?? userInfo().username}`
  const base = path.join(parent, folder)
  return Buffer.byteLength(base) <= LONGEST_BASE ? base : path.join('/tmp', folder)
}

/**
 * Mode of the folders that lead to a server's data. A server that root starts may run as another user,
 * who must be able to pass through; what lies within is closed by its own mode.
 */
export function passageMode(): number {
  return process.getuid?.() === 0 ? 0o711 : 0o700
}

/** Makes a folder with just this mode, whatever the umask of the process takes away. */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { mode })
  await chmod(folder, mode)
}

/** Makes a folder that leads to a server's data, if it is not there; one of ours that is closed is opened so far. */
export async function makePassage(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: passageMode() })
  const { mode, uid } = await lstat(folder)
  if (uid === process.getuid?.() && (mode & passageMode()) !== passageMode())
    await chmod(folder, passageMode())
}

/**
 * Makes the base, or checks that the one that is there is ours: the temporary folder belongs to everyone.
 * @throws LANES_SERVER_START if someone else made it, or could write to it.
 */
export async function ensureBase(base: string): Promise<string> {
  await mkdir(base, { recursive: true, mode: passageMode() })
  const stat = await lstat(base)
  const uid = process.getuid?.()
  const foreign = uid !== undefined && (stat.uid !== uid || (stat.mode & 0o022) !== 0)
  if (!stat.isDirectory() || foreign) {
    throw new LanesError('LANES_SERVER_START', `${base} is not a folder that only this user can write to.`, {
      hint: 'Remove it, or set TMPDIR to a folder of your own.',
    })
  }
  await makePassage(base)
  return base
}
