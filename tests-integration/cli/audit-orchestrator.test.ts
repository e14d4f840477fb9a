import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Footprint } from '@vitest-lanes/core'
import { expect, test } from 'vitest'
import { lanesCommand } from './support/command.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = 'tests-integration/orchestrator'
/**
 * Checked by hand against the application: every file empties its tables after each test, so it reads what the deletion
 * cascades to; a trigger of `job_status` writes `job_events`, whose identity is a sequence; only the two files without jobs
 * never open Redis, but read its address with the rest of the configuration.
 */
const GOLDEN = new URL('./golden/orchestrator-footprints.json', import.meta.url)
/** Elsewhere the log of statements cannot be read, and footprints say so. */
const isOwn =
  process.env['LANES_TEST_REDIS'] === undefined && process.env['LANES_TEST_POSTGRES'] === undefined

test.skipIf(!isOwn)(
  'an audit of the orchestrator’s suite finds what its code says that it touches',
  { timeout: 300_000 },
  async () => {
    const { code, stdout, stderr } = await lanesCommand(ROOT, [
      'audit',
      FOLDER,
      '--project',
      'integration',
      '--json',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { files, outgrown } = JSON.parse(stdout) as {
      files: readonly Footprint[]
      outgrown: readonly unknown[]
    }

    expect(files.flatMap(({ unseen }) => unseen)).toEqual([])
    expect(outgrown).toEqual([])
    expect(Object.fromEntries(files.map(shown))).toEqual(JSON.parse(await readFile(GOLDEN, 'utf8')))
  },
)

function shown({ file, resources, machine }: Footprint): [string, unknown] {
  const all = [...Object.entries(resources), ['machine', machine] as const].filter(
    ([, uses]) => uses.length > 0,
  )
  const texts = all.map(([resource, uses]) => [
    resource,
    uses.map(({ mode, kind, name }) => `${mode} ${kind} ${name}`),
  ])
  return [file.slice(FOLDER.length + 1), Object.fromEntries(texts)]
}
