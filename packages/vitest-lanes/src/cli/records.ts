import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { LanesError } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import { readRecord } from '@vitest-lanes/report'

export interface LoadedRecord {
  readonly path: string
  readonly record: RunRecord
}

/**
 * Reads a run record: the last run's where no path is given.
 * @throws LanesError LANES_RECORD_MISSING where there is none, LANES_RECORD_VERSION where it cannot be read.
 */
export async function loadRecord(path: string | undefined, root: string): Promise<LoadedRecord> {
  const file = resolve(root, path ?? join('.vitest-lanes', 'run.json'))
  const json = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new LanesError('LANES_RECORD_MISSING', `There is no run record at ${file}.`, {
      hint:
        path === undefined
          ? 'Run `vitest` with the plugin first, or name the record.'
          : 'A run writes `.vitest-lanes/run.json`, and keeps the last ten in `.vitest-lanes/runs/`.',
      cause,
    })
  })
  return { path: file, record: readRecord(json, file) }
}

/** Vitest's root, from where a record lies: `<root>/.vitest-lanes/run.json` or `…/runs/<name>.json`. */
export function rootOfRecord(path: string): string | undefined {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder))
    if (folder.endsWith('.vitest-lanes')) return dirname(folder)
  return undefined
}
