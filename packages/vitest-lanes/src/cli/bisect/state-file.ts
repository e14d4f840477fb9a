import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LanesError } from '@vitest-lanes/core'
import type { BisectTarget, BisectTrial } from '@vitest-lanes/core'
import { prepareFolder, writeWhole } from '../../run/folder.ts'

const VERSION = 1
const FOLDER = 'bisect'

/** What a search has found out so far: enough to go on after it was ended. */
export interface KeptState {
  readonly version: typeof VERSION
  readonly target: BisectTarget
  /** The run of the record. */
  readonly run: string
  readonly trials: readonly BisectTrial[]
  /** By `fileKey`: full names of its tests, in their order, as trials have shown them. */
  readonly tests: Readonly<Record<string, readonly string[]>>
  /** By `fileKey`: hash of its text when the search began. Trials of other texts count for nothing. */
  readonly contents: Readonly<Record<string, string>>
  /** What the last failure said. */
  readonly message: string
}

/** Where the search for the cause of one failure is kept. */
export interface StateFile {
  /** Where the record of the smallest failing trial is. */
  readonly failure: string
  /** @throws LanesError LANES_BISECT_STATE where it cannot be read */
  read(): Promise<KeptState | undefined>
  write(state: Omit<KeptState, 'version'>): Promise<void>
  writeFailure(json: string): Promise<void>
  discard(): Promise<void>
}

/** One file for each test and record, in `.vitest-lanes/bisect/`. */
export function stateFile(root: string, { file, name }: BisectTarget, run: string): StateFile {
  const id = createHash('sha256')
    .update(JSON.stringify([file, name, run]))
    .digest('hex')
    .slice(0, 12)
  const kept = join(root, '.vitest-lanes')
  const path = join(kept, FOLDER, `${id}.json`)
  const failure = join(kept, FOLDER, `${id}.run.json`)
  const write = async (to: string, json: string): Promise<void> => {
    await prepareFolder(kept, FOLDER)
    await writeWhole(to, json)
  }
  return {
    failure,
    async read() {
      const text = await readFile(path, 'utf8').catch(() => undefined)
      return text === undefined ? undefined : parse(text, path)
    },
    write: (state) => write(path, JSON.stringify({ version: VERSION, ...state })),
    writeFailure: (json) => write(failure, json),
    async discard() {
      await Promise.all([path, failure].map((each) => rm(each, { force: true })))
    },
  }
}

function parse(text: string, path: string): KeptState {
  let state: unknown
  try {
    state = JSON.parse(text)
  } catch {
    state = undefined
  }
  const { version, trials } = (state ?? {}) as Partial<KeptState>
  if (version === VERSION && Array.isArray(trials)) return state as KeptState
  throw new LanesError('LANES_BISECT_STATE', `${path} is no search that this version can go on with.`, {
    hint: '`--fresh` discards it and begins anew.',
  })
}
