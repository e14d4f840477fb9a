import { join } from 'node:path'
import { fileKey } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import { readTestFile } from '../../files/test-file.ts'

/** By `fileKey`, the hash of each file's text as it is now. */
export async function contentsOf(record: RunRecord, root: string): Promise<ReadonlyMap<string, string>> {
  const all = record.files.map(
    async (file) => [fileKey(file), (await readTestFile(join(root, file.file))).content] as const,
  )
  return new Map(await Promise.all(all))
}
