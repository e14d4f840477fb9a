/** A test or a suite, as far as merging has to know it. */
export interface SplitTask {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly mode: string
  readonly tasks?: readonly SplitTask[] | undefined
}

/** How a test or suite ended; other fields are kept. */
export interface SplitResult {
  readonly state?: string
  readonly startTime?: number
  readonly duration?: number
  readonly errors?: readonly unknown[]
  readonly hooks?: Readonly<Record<string, string>>
  readonly heap?: number
}

/** What a part has told. Each part knows the whole tree; tests of other parts it has marked as skipped. */
export interface SplitPart<Result extends SplitResult = SplitResult> {
  readonly tree: SplitTask
  /** By id; nothing for what it has told nothing of. */
  readonly results: ReadonlyMap<string, Result>
}

/** How a file ended that ran in parts. */
export interface MergedTree<Result extends SplitResult = SplitResult> {
  /** `run`, `skip` or `todo`, by id of a test or suite. */
  readonly modes: ReadonlyMap<string, string>
  readonly results: ReadonlyMap<string, Result>
}

/** By id of a test, in which part it ran. */
export type Owners = ReadonlyMap<string, number>

/** Ids of the tests of each part, in order, to the part of each. */
export function ownersOf(parts: readonly (readonly string[])[]): Owners {
  return new Map(parts.flatMap((ids, part) => ids.map((id): [string, number] => [id, part])))
}

/**
 * Whether the parts know one and the same tree, and each of its tests belongs to one part: else there are tests that
 * nobody would run. Returns what is wrong.
 * @param names of the tests that were given to the parts, by id
 */
export function differenceOf(
  trees: readonly SplitTask[],
  owners: Owners,
  names: ReadonlyMap<string, string>,
): string | undefined {
  const [first, ...others] = trees
  if (first === undefined) return 'nothing was collected'
  const shape = outline(first)
  if (others.some((tree) => outline(tree) !== shape)) return 'its parts collected different tests'
  const tests = testsOf(first)
  const unknown = tests.find(({ id }) => !owners.has(id))
  if (unknown !== undefined) return `the test \`${unknown.name}\` is new`
  if (tests.length !== owners.size) return 'a test is gone'
  const renamed = tests.find(({ id, name }) => names.get(id) !== name)
  return renamed === undefined ? undefined : `the test \`${renamed.name}\` has changed its name or place`
}

/** Tests of a tree in order, each with the names of its suites: `a suite > a test`. */
export function testsOf(tree: SplitTask, names: readonly string[] = []): { id: string; name: string }[] {
  return (tree.tasks ?? []).flatMap((task) =>
    task.type === 'suite'
      ? testsOf(task, [...names, task.name])
      : [{ id: task.id, name: [...names, task.name].join(' > ') }],
  )
}

/**
 * Puts together what parts of one file have told, as if it had run whole: each test as in its own part; a suite from
 * the parts that ran tests of it. Times are those of the parts; the duration of a suite is their sum.
 */
export function mergeParts<Result extends SplitResult>(
  parts: readonly SplitPart<Result>[],
  owners: Owners,
): MergedTree<Result> {
  const modes = new Map<string, string>()
  const results = new Map<string, Result>()
  const known = parts.map(({ tree }) => modesOf(tree))

  function suite(task: SplitTask, around: readonly number[], isInRunning: boolean): void {
    const own = [...new Set((task.tasks ?? []).flatMap(partsOfTask))]
    // A suite without tests is run by each part that runs what is around it.
    const mine = own.length > 0 ? own : around.slice(0, 1)
    const running = mine.filter((part) => known[part]?.get(task.id) === 'run')
    const told = running.length > 0 ? running : mine.slice(0, 1)
    const mode = known[told[0] ?? 0]?.get(task.id) ?? task.mode
    modes.set(task.id, mode)
    const all = told.flatMap((part) => parts[part]?.results.get(task.id) ?? [])
    const result =
      mergeResults(all) ?? (isInRunning && mode !== 'run' ? ({ state: mode } as Result) : undefined)
    if (result !== undefined) results.set(task.id, result)
    for (const child of task.tasks ?? []) if (child.type === 'suite') suite(child, told, mode === 'run')
  }

  function partsOfTask(task: SplitTask): readonly number[] {
    if (task.type === 'suite') return (task.tasks ?? []).flatMap(partsOfTask)
    return [owners.get(task.id) ?? 0]
  }

  const [first] = parts
  if (first === undefined) return { modes, results }
  suite(first.tree, [0], false)
  for (const { id } of testsOf(first.tree)) {
    const part = owners.get(id) ?? 0
    modes.set(id, known[part]?.get(id) ?? 'skip')
    const result = parts[part]?.results.get(id)
    if (result !== undefined) results.set(id, result)
  }
  return { modes, results }
}

/** Modes of a tree by id; one that is yet to run counts as running. */
function modesOf(tree: SplitTask, modes = new Map<string, string>()): Map<string, string> {
  modes.set(tree.id, tree.mode === 'queued' ? 'run' : tree.mode)
  for (const task of tree.tasks ?? []) modesOf(task, modes)
  return modes
}

/** One result of a suite from those of its parts. */
function mergeResults<Result extends SplitResult>(all: readonly Result[]): Result | undefined {
  const [first, ...others] = all
  if (first === undefined || others.length === 0) return first
  const errors = distinct(all.flatMap(({ errors: some = [] }) => some))
  const hooks = Object.assign({}, ...all.map(({ hooks: some }) => some)) as Record<string, string>
  const heaps = all.flatMap(({ heap }) => heap ?? [])
  const starts = all.flatMap(({ startTime }) => startTime ?? [])
  return {
    ...first,
    state: stateOf(all),
    ...(starts.length === 0 ? {} : { startTime: Math.min(...starts) }),
    duration: all.reduce((sum, { duration = 0 }) => sum + duration, 0),
    ...(errors.length === 0 ? {} : { errors }),
    ...(Object.keys(hooks).length === 0 ? {} : { hooks }),
    ...(heaps.length === 0 ? {} : { heap: Math.max(...heaps) }),
  }
}

function stateOf(all: readonly SplitResult[]): string {
  for (const state of ['fail', 'run', 'pass']) if (all.some((result) => result.state === state)) return state
  return all[0]?.state ?? 'run'
}

/** A hook that fails does so in each part: its error is told once. */
function distinct(errors: readonly unknown[]): readonly unknown[] {
  return [...new Map(errors.map((error) => [messageOf(error), error])).values()]
}

function messageOf(error: unknown): string {
  const { name, message } = Object(error) as { name?: unknown; message?: unknown }
  return JSON.stringify([name, message ?? error])
}

function outline(task: SplitTask): string {
  return JSON.stringify([task.id, task.name, task.type]) + (task.tasks ?? []).map(outline).join('')
}
