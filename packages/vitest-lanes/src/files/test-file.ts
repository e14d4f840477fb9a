import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { whyWholeText } from './split-text.ts'

// The pattern with which Vitest 4.1 and 5.1 find the tags of a module, so that both see the same.
const TAG = /(?:\/\/|\*)\s*@module-tag\s+([\w\-/]+)\b/g

/** What a test file's text says of it. */
export interface TestFileText {
  /** Its `@module-tag`s, in order. */
  readonly tags: readonly string[]
  /** Characters, however lines end: the same on every machine. */
  readonly size: number
  /** Hash of the text. */
  readonly content: string
  /** Why it must not run in parts. */
  readonly whole: string | undefined
}

/** Reads a test file. One that cannot be read says nothing: Vitest will report it. */
export async function readTestFile(path: string): Promise<TestFileText> {
  const text = (await readFile(path, 'utf8').catch(() => '')).replaceAll('\r\n', '\n')
  const tags = text.includes('@module-tag') ? Array.from(text.matchAll(TAG), (match) => match[1]!) : []
  const content = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return { tags, size: text.length, content, whole: whyWholeText(text, tags) }
}
