import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { LanesError } from '@vitest-lanes/core'
import picomatch from 'picomatch'

/**
 * One hash over names and contents of all files that the globs match.
 * @throws LANES_OPTION_INVALID if a glob matches none: then it would never notice a change.
 */
export async function hashInputs(globs: readonly string[], root: string): Promise<string> {
  const files = new Set<string>()
  for (const glob of globs) {
    const matched = await filesOf(glob, root)
    if (matched.length === 0) {
      throw new LanesError(
        'LANES_OPTION_INVALID',
        `\`inputs\` of postgres() has ${glob}, which matches no file.`,
        {
          hint: `Globs count from Vitest's root, ${root}.`,
        },
      )
    }
    for (const file of matched) files.add(file)
  }
  const hash = createHash('sha256')
  for (const file of [...files].sort()) {
    hash
      .update(`${file}\0`)
      .update(await readFile(path.resolve(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

/** Paths from the root, with `/`. */
async function filesOf(glob: string, root: string): Promise<string[]> {
  const pattern = glob.replace(/^\.\//, '')
  const { base, isGlob } = picomatch.scan(pattern)
  const start = path.resolve(root, isGlob ? base : pattern)
  const found = await stat(start).catch(() => undefined)
  if (found?.isFile() === true) return [relative(root, start)]
  if (found === undefined) return []
  const matches = isGlob ? picomatch(pattern) : () => true
  return (await walk(start)).map((file) => relative(root, file)).filter((file) => matches(file))
}

async function walk(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(folder, entry.name))
  const nested = entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== '.git')
    .map((entry) => walk(path.join(folder, entry.name)))
  return [...files, ...(await Promise.all(nested)).flat()]
}

const relative = (root: string, file: string) => path.relative(root, file).split(path.sep).join('/')
