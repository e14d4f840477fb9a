import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median } from './median.ts'
import type { BenchResult } from './result.ts'

const DEMO = fileURLToPath(new URL('../../demo/dist/index.js', import.meta.url))
const ROUNDS = 3

interface Figures {
  readonly runs: readonly { readonly name: string; readonly wallMs: number }[]
}

/** The demo's suite: lanes against one file at a time, on the same machine in one go. */
export async function demo(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
  try {
    const json = join(folder, 'demo.json')
    await promisify(execFile)(process.execPath, [DEMO, '--repeat', String(ROUNDS), '--json', json])
    const { runs } = JSON.parse(await readFile(json, 'utf8')) as Figures
    const wall = (name: string): number =>
      median(runs.filter((run) => run.name === name).map(({ wallMs }) => wallMs))
    const value = wall('lanes') / wall('shared-sequential')
    return [{ id: 'demo.lanes-against-sequential', value, unit: 'ratio', limit: 0.4, pass: value <= 0.4 }]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
