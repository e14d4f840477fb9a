import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunRecord } from '@vitest-lanes/core'
import { whileLocked } from '../run/file-lock.ts'
import { prepareFolder, writeWhole } from '../run/folder.ts'
import type { Pressure } from './types.ts'

/** What is known of a run whose record is kept, beside the record. */
export interface KeptRun {
  readonly run: number
  readonly seed: number
  readonly outcome: RunRecord['outcome']
  readonly shuffleTests?: boolean
  readonly pressure?: Pressure
}

interface Index {
  readonly version: 1
  readonly runs: readonly KeptRun[]
}

const KEPT_PASSED = 20
const KEPT_FAILED = 200

/** Records of stress runs: `<n>.json` in `.vitest-lanes/stress`, numbered from 1 through all stress runs of a project. */
export interface KeptRuns {
  readonly folder: string
  /** Keeps a record and gives it the next number. Of runs that passed the last 20 are kept, of others the last 200. */
  keep(record: RunRecord, about: Omit<KeptRun, 'run' | 'outcome'>): Promise<number>
}

export function keptRuns(root: string): KeptRuns {
  const folder = join(root, '.vitest-lanes', 'stress')
  return {
    folder,
    async keep(record, about) {
      await prepareFolder(join(root, '.vitest-lanes'), 'stress')
      let run = 0
      await whileLocked(join(folder, 'runs.json.lock'), async () => {
        const known = await readIndex(folder)
        run = (known.at(-1)?.run ?? 0) + 1
        const all = [...known, { run, outcome: record.outcome, ...about }]
        const kept = new Set([
          ...all.filter(({ outcome }) => outcome === 'passed').slice(-KEPT_PASSED),
          ...all.filter(({ outcome }) => outcome !== 'passed').slice(-KEPT_FAILED),
        ])
        await writeWhole(pathOf(folder, run), JSON.stringify(record))
        const index: Index = { version: 1, runs: all.filter((each) => kept.has(each)) }
        await writeWhole(join(folder, 'runs.json'), JSON.stringify(index))
        const gone = all.filter((each) => !kept.has(each))
        await Promise.all(gone.map((each) => rm(pathOf(folder, each.run), { force: true })))
      })
      return run
    },
  }
}

/** Where the record of a stress run lies. */
export function pathOf(folder: string, run: number): string {
  return join(folder, `${run}.json`)
}

/** What is known of the runs whose records lie in a folder; nothing where that cannot be read. */
export async function readIndex(folder: string): Promise<readonly KeptRun[]> {
  const text = await readFile(join(folder, 'runs.json'), 'utf8').catch(() => '')
  try {
    const { version, runs } = JSON.parse(text) as Partial<Index>
    return version === 1 && Array.isArray(runs) ? runs : []
  } catch {
    return []
  }
}
