import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { RunFolder } from '@vitest-lanes/server'

/** Node takes three times as long as `rm` over the thousands of files of a cluster, or holds the event loop. */
export async function removeTree(folder: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--', folder]).catch(() => undefined)
}

/**
 * Removes a run's folder, what is large in it first: its lock tells whose it is, and must be the last to go, since we may
 * be killed while we remove.
 */
export async function closeRunFolder(folder: RunFolder): Promise<void> {
  const entries = await readdir(folder.path, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory())
  await Promise.all(folders.map((entry) => removeTree(path.join(folder.path, entry.name))))
  await folder.close()
}
