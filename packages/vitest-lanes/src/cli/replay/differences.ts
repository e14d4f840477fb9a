import { join } from 'node:path'
import { fileKey } from '@vitest-lanes/core'
import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import { count } from '@vitest-lanes/report'
import { version } from 'vitest/node'
import { readTestFile } from '../../files/test-file.ts'
import { changedSince, commitOf } from '../../run/commit.ts'
import { OWN_VERSION } from '../../run/facts.ts'

const SHOWN_FILES = 3

/** What is not as it was in the recorded run: one sentence each. */
export async function differencesOf(
  record: RunRecord,
  here: { readonly root: string; readonly present: ReadonlySet<string> },
): Promise<readonly string[]> {
  const ran = record.files.filter(({ times }) => times.admitted !== undefined)
  const missing = ran.filter((file) => !here.present.has(fileKey(file)))
  const there = ran.filter((file) => here.present.has(fileKey(file)))
  const changed = await changedFiles(there, here.root)
  const commit = await commitOf(here.root)
  const neverRan = record.files.length - ran.length
  return [
    ...versions('vitest-lanes', record.vitestLanes, OWN_VERSION),
    ...versions('Vitest', record.vitest, version),
    ...versions('Node.js', record.node, process.versions.node),
    ...versions('the platform', record.platform, `${process.platform} ${process.arch}`),
    ...commits(record.commit, commit),
    ...(record.outcome === 'interrupted'
      ? ['The recorded run was interrupted: it is repeated as far as it came.']
      : []),
    ...(neverRan > 0
      ? [
          `${count(neverRan, 'file')} of the recorded run never ran, and ${neverRan === 1 ? 'does' : 'do'} not now.`,
        ]
      : []),
    ...filesText(missing.map(fileKey), 'no longer there'),
    ...filesText(
      there.filter(({ parts }) => parts !== undefined).map(fileKey),
      'ran in parts then, and as a whole now',
    ),
    ...filesText(changed.map(fileKey), 'not what it was'),
    ...(record.commit === commit ? filesText(await otherChanges(record, here.root), 'written since') : []),
  ]
}

function versions(what: string, then: string, now: string): string[] {
  return then === now ? [] : [`${what}: ${then} then, ${now} now.`]
}

function commits(then: string | undefined, now: string | undefined): string[] {
  return then === undefined || now === undefined ? [] : versions('the commit', short(then), short(now))
}

function short(commit: string): string {
  return commit.slice(0, 8)
}

/** Beside test files, whose contents the record knows. */
async function otherChanges(record: RunRecord, root: string): Promise<readonly string[]> {
  const tests = record.files.map(({ file }) => file)
  const changed = await changedSince(root, record.startedAt)
  return changed.filter((path) => !tests.some((file) => path === file || path.endsWith(`/${file}`)))
}

async function changedFiles(files: readonly FileRecord[], root: string): Promise<readonly FileRecord[]> {
  const now = await Promise.all(files.map(async ({ file }) => (await readTestFile(join(root, file))).content))
  return files.filter(({ content }, index) => content !== undefined && content !== now[index])
}

function filesText(files: readonly string[], how: string): string[] {
  if (files.length === 0) return []
  const names = files.slice(0, SHOWN_FILES)
  const more = files.length - names.length
  return [`${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}: ${how}.`]
}
