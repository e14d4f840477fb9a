import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { LanesError } from '@vitest-lanes/core'
import { loadRecord } from '../records.ts'
import type { LoadedRecord } from '../records.ts'

/** Where runs, and those of `stress`, leave records. */
const FOLDERS = ['runs', 'stress']

/**
 * The runs to look at, the newest first: the one that was named and its neighbours in the folder, those of a folder that
 * was named, or the last run and all that were kept.
 * @throws LanesError LANES_RECORD_MISSING and LANES_RECORD_VERSION
 */
export async function recordedRuns(path: string | undefined, root: string): Promise<readonly LoadedRecord[]> {
  const kept = join(root, '.vitest-lanes')
  if (path === undefined) {
    const last = await loadRecord(undefined, root)
    return [
      last,
      ...(await recordsIn(
        FOLDERS.map((name) => join(kept, name)),
        root,
        last,
      )),
    ]
  }
  const named = resolve(root, path)
  if ((await stat(named).catch(() => undefined))?.isDirectory() === true) {
    const found = await recordsIn([named], root)
    if (found.length > 0) return found
    throw new LanesError('LANES_RECORD_MISSING', `There is no run record in ${named}.`, {
      hint: 'A run keeps the last ten in `.vitest-lanes/runs/`, `vitest-lanes stress` in `.vitest-lanes/stress/`.',
    })
  }
  const first = await loadRecord(named, root)
  const isKept = FOLDERS.includes(basename(dirname(named)))
  return [first, ...(isKept ? await recordsIn([dirname(named)], root, first) : [])]
}

/** What cannot be read is no run record, or was written by another version: then it says nothing of this suite. */
async function recordsIn(
  folders: readonly string[],
  root: string,
  known?: LoadedRecord,
): Promise<readonly LoadedRecord[]> {
  const paths = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => [])
      return names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name))
    }),
  )
  const read = await Promise.all(paths.flat().map((path) => loadRecord(path, root).catch(() => undefined)))
  return read
    .filter((run) => run !== undefined)
    .filter(({ record }) => record.run !== known?.record.run)
    .sort((a, b) => (a.record.startedAt < b.record.startedAt ? 1 : -1))
}
