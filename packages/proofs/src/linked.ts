import { mkdir, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** Where a package that this one depends on lies. */
export function folderOf(name: string): string {
  return dirname(require.resolve(`${name}/package.json`))
}

/** Lets a project see packages as if it had installed them. */
export async function linkPackages(root: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const link = join(root, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(folderOf(name), link, 'dir')
  }
}
