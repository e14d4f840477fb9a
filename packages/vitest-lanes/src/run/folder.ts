import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { whileLocked } from './file-lock.ts'

const KEPT_RUNS = 10

/** Where a project keeps what its runs have left: `.vitest-lanes/` in Vitest's root. */
export interface LanesFolder {
  readonly record: string
  readonly history: string
  /** The last record and the ones before it, ten in all. Returns the path of the last. */
  writeRecord(json: string, startedAt: string): Promise<string>
  readHistory(): Promise<string | undefined>
  /** Writes what `change` makes of what is there. No other run, of any process, does so at the same time. */
  changeHistory(change: (json: string | undefined) => string): Promise<void>
}

export function lanesFolder(root: string): LanesFolder {
  const path = join(root, '.vitest-lanes')
  const record = join(path, 'run.json')
  const history = join(path, 'history.json')
  const runs = join(path, 'runs')
  return {
    record,
    history,
    async writeRecord(json, startedAt) {
      await prepareFolder(path, 'runs')
      await writeWhole(join(runs, `${startedAt.replaceAll(':', '-')}-${process.pid}.json`), json)
      await writeWhole(record, json)
      const old = (await readdir(runs)).filter((name) => name.endsWith('.json')).sort()
      await Promise.all(old.slice(0, -KEPT_RUNS).map((name) => rm(join(runs, name), { force: true })))
      return record
    },
    readHistory: () => readText(history),
    async changeHistory(change) {
      await prepareFolder(path, 'runs')
      await whileLocked(`${history}.lock`, async () => writeWhole(history, change(await readText(history))))
    },
  }
}

function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

/** Makes a project's folder with one within it. */
export async function prepareFolder(path: string, inner: string): Promise<void> {
  await mkdir(join(path, inner), { recursive: true })
  // So that nobody has to add a line to their own ignore file.
  await writeFile(join(path, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => {})
}

/** Writes a file so that a reader never sees half of it, and two runs at once do not mix theirs. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const part = `${path}.${process.pid}.part`
  await writeFile(part, text)
  await rename(part, path)
}
