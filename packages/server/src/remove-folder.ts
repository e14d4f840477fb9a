import { readdir, rm, unlink } from 'node:fs/promises'
import path from 'node:path'

/**
 * Removes a folder and all in it, if it is there. Sockets go first, without a look at them: after a look at a socket Node.js
 * takes the next symbolic link that it resolves for a module for no link, and a package behind it does not find what
 * it depends on (`fs.realpathSync` reads a field that all calls share; seen on 20.20).
 */
export async function removeFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  const sockets = entries.filter((entry) => entry.isSocket() || entry.isFIFO())
  await Promise.all(sockets.map((entry) => unlink(path.join(entry.parentPath, entry.name)).catch(() => {})))
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
