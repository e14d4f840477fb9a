import { readFile } from 'node:fs/promises'

// The pattern with which Vitest 4.1 and 5.1 find the tags of a module, so that both see the same.
const TAG = /(?:\/\/|\*)\s*@module-tag\s+([\w\-/]+)\b/g

/** The `@module-tag`s that a test file states, in order. A file that cannot be read has none. */
export async function readModuleTags(path: string): Promise<readonly string[]> {
  const source = await readFile(path, 'utf8').catch(() => '')
  return source.includes('@module-tag') ? Array.from(source.matchAll(TAG), (match) => match[1]!) : []
}
