import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FOOTPRINT_VERSION, LanesError, fileKey, parseFootprints } from '@vitest-lanes/core'
import type { Footprint } from '@vitest-lanes/core'
import { prepareFolder, writeWhole } from '../../run/folder.ts'

/** Where `audit` leaves footprints, from Vitest's root. */
export const FOOTPRINTS = join('.vitest-lanes', 'footprints.json')

/** Writes footprints, beside those of files that were not looked at now; without those of files that are gone. */
export async function keepFootprints(root: string, footprints: readonly Footprint[]): Promise<void> {
  // What cannot be read is made anew.
  const before = await readFootprints(root).catch(() => [])
  const all = new Map([...before, ...footprints].map((each) => [fileKey(each), each]))
  const files = [...all]
    .filter(([, { file }]) => existsSync(join(root, file)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => each)
  await prepareFolder(join(root, '.vitest-lanes'), '.')
  await writeWhole(
    join(root, FOOTPRINTS),
    `${JSON.stringify({ version: FOOTPRINT_VERSION, files }, null, 2)}\n`,
  )
}

/**
 * The footprints that `audit` has left.
 * @throws LanesError LANES_FOOTPRINTS
 */
export async function readFootprints(root: string): Promise<readonly Footprint[]> {
  const path = join(root, FOOTPRINTS)
  const json = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LanesError('LANES_FOOTPRINTS', `There are no footprints at ${path}.`, {
      hint: '`vitest-lanes audit` makes them.',
      cause,
    })
  })
  return parseFootprints(json, path).files
}
