import { spawn } from 'node:child_process'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Account } from '../engine/account.ts'

/**
 * Writes what is in a folder to a file: a cluster has a thousand small ones, and out of a single file they are made in a third of
 * the time that it takes to read them one by one. Returns its size in bytes; `undefined` where the machine has no `tar`.
 */
export async function pack(
  from: string,
  file: string,
  account: Account | undefined,
): Promise<number | undefined> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await tar(['-cf', '-', '-C', from, '.'], account, { out: handle })
    return (await handle.stat()).size
  } catch (error) {
    if (Object(error).code !== 'ENOENT') throw error
    await rm(file)
    return undefined
  } finally {
    await handle.close()
  }
}

/** Unpacks it into a folder that is there already and belongs to `account`. */
export async function unpack(file: string, to: string, account: Account | undefined): Promise<void> {
  const handle = await open(file)
  try {
    // With the rights that they had, whatever the umask, and without the times.
    await tar(['-xpmf', '-', '-C', to], account, { in: handle })
  } finally {
    await handle.close()
  }
}

/** Whether an archive can be read to its end. */
export async function isWhole(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    await tar(['-tf', '-'], undefined, { in: handle })
    return true
  } catch {
    // Without `tar` it cannot be unpacked either.
    return false
  } finally {
    await handle.close()
  }
}

/** Reads and writes through files that we have opened: the account cannot get at them. */
async function tar(
  args: readonly string[],
  account: Account | undefined,
  { in: input, out }: { readonly in?: FileHandle; readonly out?: FileHandle },
): Promise<void> {
  const child = spawn('tar', args, {
    ...(account !== undefined && { uid: account.uid, gid: account.gid }),
    cwd: '/',
    // Without the user's `TAR_OPTIONS`, and without what macOS keeps beside files.
    env: { PATH: process.env['PATH'], LC_ALL: 'C', COPYFILE_DISABLE: '1' },
    stdio: [input?.fd ?? 'ignore', out?.fd ?? 'ignore', 'pipe'],
  })
  const code = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('exit', resolve)
  })
  // There is none where it could not be started.
  const saying = child.stderr === null ? '' : text(child.stderr)
  const [ended, said] = await Promise.all([code, saying])
  if (ended !== 0) throw new Error(`tar ${args.join(' ')} failed: ${said.trim()}`)
}
