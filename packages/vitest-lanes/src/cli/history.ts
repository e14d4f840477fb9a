import { readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { EMPTY_HISTORY, LanesError, mergeHistory, parseHistory } from '@vitest-lanes/core'
import type { History } from '@vitest-lanes/core'
import { lanesFolder } from '../run/folder.ts'
import { EXIT } from './exit.ts'
import type { ExitStatus } from './exit.ts'
import { loadRecord } from './records.ts'
import type { Terminal } from './terminal.ts'

export interface MergeOptions {
  readonly root: string
  /** Where to; the project's own history where left out. */
  readonly output?: string
  readonly json: boolean
}

interface Given {
  readonly path: string
  readonly history: History
  /** Of the run record beside it. */
  readonly shard: { readonly index: number; readonly plan?: string } | undefined
}

/** `vitest-lanes history merge`: one history of those that the shards of a run have left. */
export async function mergeHistories(
  paths: readonly string[],
  options: MergeOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const given = await Promise.all(paths.map((path) => load(resolve(options.root, path))))
  const add = (to: History): History => given.reduce((all, { history }) => mergeHistory(all, history), to)
  const folder = lanesFolder(options.root)
  const output = options.output === undefined ? folder.history : resolve(options.root, options.output)
  let merged = EMPTY_HISTORY
  if (options.output === undefined)
    await folder.changeHistory((text) => {
      merged = add(known(text))
      return JSON.stringify(merged)
    })
  else {
    merged = add(EMPTY_HISTORY)
    await writeFile(output, JSON.stringify(merged))
  }
  const files = Object.keys(merged.files).length
  const plans = new Set(given.flatMap(({ shard }) => shard?.plan ?? []))
  const agree = plans.size <= 1
  if (options.json)
    terminal.print(
      JSON.stringify(
        { version: 1, output, files, merged: given.map(({ path }) => path), agree },
        undefined,
        2,
      ),
    )
  else terminal.print(`${files} file${files === 1 ? '' : 's'} of ${given.length} histories in ${output}`)
  if (!agree) terminal.warn(differ(given).message)
  return agree ? EXIT.fine : EXIT.no
}

/** What is already there is kept; what cannot be read is replaced, as a run would do. */
function known(text: string | undefined): History {
  const history = text === undefined ? EMPTY_HISTORY : parseHistory(text)
  return 'error' in history ? EMPTY_HISTORY : history
}

/** @param path a history, or a folder that has one, such as a shard's `.vitest-lanes` */
async function load(path: string): Promise<Given> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false
  const file = isFolder ? join(path, 'history.json') : path
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new LanesError('LANES_HISTORY', `There is no history at ${file}.`, {
      hint: 'Name the `history.json` of a run, or the `.vitest-lanes` folder that has it.',
      cause,
    })
  })
  const history = parseHistory(text)
  if ('error' in history)
    throw new LanesError('LANES_HISTORY', `${file} is not a history of vitest-lanes. ${history.error}`, {
      hint: 'Leave it out, or let a run write it anew.',
    })
  const record = await loadRecord(join(dirname(file), 'run.json'), '/').catch(() => undefined)
  return { path: file, history, shard: record?.record.shard }
}

function differ(given: readonly Given[]): LanesError {
  const shards = given.flatMap(({ shard }) =>
    shard?.plan === undefined ? [] : `${shard.index}: ${shard.plan}`,
  )
  return new LanesError(
    'LANES_SHARDS_DIFFER',
    `The shards divided the files in different ways (${shards.join(', ')}): some files ran twice, or not at all.`,
    { hint: 'Give all shards of a run the same history and the same files. See docs/ci.md.' },
  )
}
