import * as fc from 'fast-check'
import type { SplitPart, SplitResult, SplitTask } from '@vitest-lanes/core'

/** A test or suite of a made-up file, and how it would end. */
export type Node =
  | { readonly type: 'test'; readonly mode: Mode; readonly state: 'pass' | 'fail' | 'skip' }
  | {
      readonly type: 'suite'
      readonly mode: Mode
      readonly hookFails: boolean
      readonly tasks: readonly Node[]
    }

type Mode = 'run' | 'skip' | 'todo'

export interface Task extends SplitTask {
  mode: string
  readonly node: Node
  readonly tasks?: Task[]
}

const mode: fc.Arbitrary<Mode> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Mode>('run') },
  { weight: 1, arbitrary: fc.constantFrom<Mode>('skip', 'todo') },
)

const { suite } = fc.letrec<{ node: Node; suite: Extract<Node, { type: 'suite' }> }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      type: fc.constant('test' as const),
      mode,
      state: fc.oneof(
        { weight: 4, arbitrary: fc.constant('pass' as const) },
        { weight: 1, arbitrary: fc.constantFrom('fail' as const, 'skip' as const) },
      ),
    }),
    tie('suite'),
  ),
  suite: fc.record({
    type: fc.constant('suite' as const),
    mode,
    hookFails: fc.integer({ max: 7, min: 0 }).map((dice) => dice === 7),
    tasks: fc.array(tie('node'), { maxLength: 5 }),
  }),
}))

/** Any file: a suite that is to run. */
export const file = suite.map((each) => ({ ...each, mode: 'run' as const }))

/** As Vitest collects it: with ids by place, and tests that were not asked for marked as skipped. */
export function collect(node: Node, ids?: ReadonlySet<string>): Task {
  const task = made(node, 'file')
  setModes(task, ids)
  return task
}

function made(node: Node, id: string): Task {
  const known = { id, name: `called ${id}`, type: node.type, mode: node.mode, node }
  return node.type === 'test'
    ? known
    : { ...known, tasks: node.tasks.map((each, place) => made(each, `${id}_${place}`)) }
}

function setModes(task: Task, ids: ReadonlySet<string> | undefined): void {
  const tasks = task.tasks ?? []
  for (const each of tasks) {
    if (each.type === 'test') {
      if (ids !== undefined && !ids.has(each.id)) each.mode = 'skip'
    } else if (each.mode === 'run') setModes(each, ids)
    else inherit(each, each.mode)
  }
  if (tasks.length > 0 && tasks.every((each) => each.mode !== 'run')) task.mode = 'skip'
}

function inherit({ tasks = [] }: Task, given: string): void {
  for (const each of tasks) {
    if (each.mode !== 'run') continue
    each.mode = given
    inherit(each, given)
  }
}

/** As Vitest runs it. */
export function run(tree: Task): SplitPart {
  const results = new Map<string, SplitResult>()

  function skipAll({ tasks = [] }: Task): void {
    for (const each of tasks) {
      results.set(each.id, { state: 'skip' })
      skipAll(each)
    }
  }

  function runTask(task: Task): void {
    const { id, node, tasks = [] } = task
    if (node.type === 'test') {
      if (task.mode === 'run') results.set(id, { state: node.state })
      return
    }
    if (task.mode !== 'run') return void results.set(id, { state: task.mode })
    if (node.hookFails) skipAll(task)
    else for (const each of tasks) runTask(each)
    const failed = node.hookFails || !hasTests(task) || hasFailed(task)
    const errors = node.hookFails ? [{ message: `the hook of ${id}` }] : []
    results.set(id, { state: failed ? 'fail' : 'pass', ...(errors.length === 0 ? {} : { errors }) })
  }

  function hasFailed({ tasks = [] }: Task): boolean {
    return tasks.some((each) => results.get(each.id)?.state === 'fail' || hasFailed(each))
  }

  runTask(tree)
  return { tree, results }
}

function hasTests({ tasks = [] }: Task): boolean {
  return tasks.some((each) => each.type === 'test' || hasTests(each))
}

/** All tests and suites of a tree. */
export function all(task: Task): Task[] {
  return [task, ...(task.tasks ?? []).flatMap(all)]
}
