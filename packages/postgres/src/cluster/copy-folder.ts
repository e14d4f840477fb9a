import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { chown, mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Account } from '../engine/account.ts'

/** Makes a folder that only `account` can enter, or only we. */
export async function privateFolder(target: string, account: Account | undefined): Promise<string> {
  await mkdir(target, { mode: 0o700 })
  if (account !== undefined) await chown(target, account.uid, account.gid)
  return target
}

/**
 * Copies what is in a folder into another one that is there already and belongs to `account`. In a process of its own: a
 * cluster has a thousand files, and Node has other things to do meanwhile.
 */
export async function copyInto(from: string, to: string, account: Account | undefined): Promise<void> {
  const who = account === undefined ? {} : { uid: account.uid, gid: account.gid }
  await promisify(execFile)('cp', ['-R', `${from}/.`, to], { ...who, cwd: '/' })
}

/** Bytes of all files below a folder. */
export async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(path.join(entry.parentPath, entry.name)).size : 0),
    0,
  )
}
