import { chownSync, copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { chown, copyFile, mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Account } from '../engine/account.ts'

/** Files up to this size are copied without leaving the thread: a hop costs more than they do. */
const SMALL = 256 * 1024
/** ms that we keep the event loop from others at a time. */
const TURN = 8

/**
 * Copies a data folder to a path where nothing is yet, and gives it to `account`. Folders whose paths stand in
 * `without` are left out. Modes: 0700 and 0600.
 */
export async function copyTree(
  from: string,
  to: string,
  account: Account | undefined,
  without: readonly string[] = [],
): Promise<void> {
  const left = new Set(without.map((folder) => path.join(from, folder)))
  const large: Promise<void>[] = []
  const folders: [from: string, to: string][] = [[from, to]]
  let turn = performance.now()
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const [source, target] = folder
    makeFolder(target, account)
    for (const entry of readdirSync(source, { withFileTypes: true })) {
      const file = path.join(source, entry.name)
      const copy = path.join(target, entry.name)
      if (left.has(file)) continue
      else if (entry.isDirectory()) folders.push([file, copy])
      else if (!entry.isFile()) continue
      else if (statSync(file).size > SMALL) large.push(copyLarge(file, copy, account))
      else {
        copyFileSync(file, copy)
        if (account !== undefined) chownSync(copy, account.uid, account.gid)
      }
      if (performance.now() - turn < TURN) continue
      await new Promise((resolve) => setImmediate(resolve))
      turn = performance.now()
    }
  }
  await Promise.all(large)
}

function makeFolder(target: string, account: Account | undefined): void {
  mkdirSync(target, { mode: 0o700 })
  if (account !== undefined) chownSync(target, account.uid, account.gid)
}

async function copyLarge(from: string, to: string, account: Account | undefined): Promise<void> {
  await copyFile(from, to)
  if (account !== undefined) await chown(to, account.uid, account.gid)
}

/** Makes a folder that only `account` can enter, or only we. */
export async function privateFolder(target: string, account: Account | undefined): Promise<string> {
  await mkdir(target, { mode: 0o700 })
  if (account !== undefined) await chown(target, account.uid, account.gid)
  return target
}

/** Bytes of all files below a folder. */
export async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(path.join(entry.parentPath, entry.name)).size : 0),
    0,
  )
}
