// Tells Vitest of a file that ran in parts what the worker of a whole file tells. Seen on 4.1.12 and 5.1.1; not public API.
import { mergeParts } from '@vitest-lanes/core'
import type { MergedTree, Owners, SplitResult } from '@vitest-lanes/core'
import { callTo } from './messages.ts'
import type { CollectedTask, SnapshotResult, TaskEvent, TaskPack, Transcript } from './transcript.ts'

/** The sum of what all parts took; of a file that is collected. */
const DURATIONS = ['prepareDuration', 'environmentLoad', 'setupDuration', 'collectDuration'] as const

/** What parts of one file have told, put together. */
export interface Retelling {
  readonly merged: MergedTree
  readonly snapshots: SnapshotResult | undefined
  /** Calls to Vitest, in order; each is answered before the next. */
  readonly calls: readonly unknown[]
}

function log(what: object): unknown {
  return callTo('onUserConsoleLog', [what])
}

/** Puts together what the parts have told, in the order of their tests. All of them have collected the same tests. */
export function retell(parts: readonly Transcript[], owners: Owners): Retelling {
  const merged = mergeParts(
    parts.map(({ file, packs }) => ({ tree: file!, results: resultsOf(packs) })),
    owners,
  )
  const file = mergedFile(parts, merged)
  const { packs, events } = updates(parts, owners, merged, file)
  const snapshots = mergedSnapshots(parts)
  const begun = { ...packs[0]![1], state: file.mode === 'run' ? 'run' : file.mode }
  return {
    merged,
    snapshots,
    calls: [
      callTo('onQueued', [parts[0]!.queued ?? { ...file, tasks: [], mode: 'queued' }]),
      ...distinctLogs(parts.map(({ logs }) => logs.early)).map(log),
      callTo('onCollected', [[file]]),
      // As the worker does: the file's beginning at once, the rest when there is something to tell.
      callTo('onTaskUpdate', [[[file.id, startOf(begun), file.meta ?? {}]], events.slice(0, 1)]),
      ...distinctLogs(parts.map((part, index) => ownLogs(part, index, owners))).map(log),
      ...parts.flatMap(({ artifacts }) =>
        artifacts.map((artifact) => callTo('onTaskArtifactRecord', [...artifact])),
      ),
      ...(snapshots === undefined ? [] : [callTo('snapshotSaved', [snapshots])]),
      callTo('onTaskUpdate', [packs, events.slice(1)]),
    ],
  }
}

function startOf({ state, startTime }: SplitResult): SplitResult {
  return { ...(state === undefined ? {} : { state }), ...(startTime === undefined ? {} : { startTime }) }
}

function resultsOf(packs: ReadonlyMap<string, TaskPack>): Map<string, SplitResult> {
  return new Map([...packs].flatMap(([id, [, result]]) => (result === undefined ? [] : [[id, result]])))
}

/** The file as the first part has collected it, with the modes that it would have whole. */
function mergedFile(parts: readonly Transcript[], { modes }: MergedTree): CollectedTask {
  const file = parts[0]!.file!
  for (const name of DURATIONS) {
    const all = parts.flatMap((part) => part.file![name] ?? [])
    if (all.length > 0) file[name] = all.reduce((sum, each) => sum + each, 0)
  }
  setModes(file, modes)
  return file
}

function setModes(task: CollectedTask, modes: ReadonlyMap<string, string>): void {
  task.mode = modes.get(task.id) ?? task.mode
  for (const child of task.tasks ?? []) setModes(child, modes)
}

/** How everything ended, and the events that a worker sends on its way through the file, in its order. */
function updates(
  parts: readonly Transcript[],
  owners: Owners,
  { modes, results }: MergedTree,
  file: CollectedTask,
): { packs: TaskPack[]; events: TaskEvent[] } {
  const packs: TaskPack[] = []
  const events: TaskEvent[] = []

  function test({ id, meta = {} }: CollectedTask): void {
    const { packs: told, events: own } = parts[owners.get(id) ?? 0]!
    packs.push([id, results.get(id), told.get(id)?.[2] ?? meta])
    events.push(...(own.get(id) ?? [event(id, 'test-prepare'), event(id, 'test-finished')]))
  }

  function suite({ id, meta = {}, tasks = [] }: CollectedTask): void {
    const result = results.get(id)
    const metas = parts.map(({ packs: told }) => told.get(id)?.[2])
    packs.push([id, result, Object.assign({}, meta, ...metas) as object])
    events.push(event(id, 'suite-prepare'))
    // Of a suite that is skipped, Vitest tells the tests itself.
    if (modes.get(id) === 'run') {
      if (result?.hooks?.['beforeAll'] !== undefined)
        events.push(event(id, 'before-hook-start'), event(id, 'before-hook-end'))
      for (const task of tasks) (task.type === 'suite' ? suite : test)(task)
      if (result?.hooks?.['afterAll'] !== undefined)
        events.push(event(id, 'after-hook-start'), event(id, 'after-hook-end'))
    }
    events.push(event(id, 'suite-finished'))
  }

  suite(file)
  return { packs, events }
}

function event(id: string, name: string): TaskEvent {
  return [id, name, undefined]
}

type Logs = Transcript['logs']['late']

/** Without those of tests that are another part's. */
function ownLogs({ logs }: Transcript, part: number, owners: Owners): Logs {
  return logs.late.filter(({ taskId }) => (owners.get(taskId ?? '') ?? part) === part)
}

/** What a later part prints of its file or a suite, and an earlier one has printed, would be printed once by the whole. */
function distinctLogs(all: readonly Logs[]): Logs {
  const printed = new Map<string, number>()
  return all.flatMap((logs) => {
    const own = new Map<string, number>()
    const fresh = logs.filter((log) => {
      const key = JSON.stringify([log.taskId, log.type, log.content])
      const count = (own.get(key) ?? 0) + 1
      own.set(key, count)
      return count > (printed.get(key) ?? 0)
    })
    for (const [key, count] of own) printed.set(key, Math.max(count, printed.get(key) ?? 0))
    return fresh
  })
}

function mergedSnapshots(parts: readonly Transcript[]): SnapshotResult | undefined {
  const all = parts.flatMap(({ snapshots }) => snapshots ?? [])
  const [first] = all
  if (first === undefined) return undefined
  return { ...first, matched: all.reduce((sum, { matched }) => sum + matched, 0) }
}
