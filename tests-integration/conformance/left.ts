import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { defaultBase } from '@vitest-lanes/server'

/** Folders of runs that this process owns, in the temporary folder and in memory. */
export async function ownRunFolders(): Promise<string[]> {
  const bases = [...new Set([defaultBase(), defaultBase('/dev/shm')])]
  const folders = await Promise.all(
    bases.map(async (base) => {
      const names = await readdir(base).catch(() => [])
      return names.filter((name) => /^(run|new)-/.test(name)).map((name) => path.join(base, name))
    }),
  )
  const owned = await Promise.all(
    folders.flat().map(async (folder) => ((await ownerOf(folder)) === process.pid ? [folder] : [])),
  )
  return owned.flat()
}

/** The process that made a run folder; `undefined` if it is gone by now. */
async function ownerOf(folder: string): Promise<number | undefined> {
  try {
    const marker: unknown = JSON.parse(await readFile(path.join(folder, 'owner.json'), 'utf8'))
    return Number(Object(marker).pid)
  } catch {
    return undefined
  }
}
