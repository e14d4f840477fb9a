import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'

/**
 * Absolute path of the first of `names` that can be run: all of them on the PATH first, then in `folders`.
 */
export async function findBinary(
  names: readonly string[],
  folders: readonly string[] = [],
): Promise<string | undefined> {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder))
  for (const places of [onPath, folders]) {
    for (const name of names) {
      for (const place of places) {
        const file = path.join(place, name)
        if (await canRun(file)) return file
      }
    }
  }
  return undefined
}

async function canRun(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}
