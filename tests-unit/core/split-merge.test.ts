import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differenceOf, mergeParts, ownersOf } from '@vitest-lanes/core'
import type { SplitResult } from '@vitest-lanes/core'
import { all, collect, file, run } from './split-model.ts'
import type { Node, Task } from './split-model.ts'

/** A file, and for each of its tests the part that it is in. */
const divided = file.chain((node) => {
  const tests = all(collect(node)).filter(({ type }) => type === 'test')
  return fc.record({
    node: fc.constant(node),
    tests: fc.constant(tests.map(({ id }) => id)),
    places: fc.array(fc.nat({ max: 3 }), { minLength: tests.length, maxLength: tests.length }),
  })
})

function divide({ tests, places }: { tests: readonly string[]; places: readonly number[] }): string[][] {
  return [0, 1, 2, 3].map((part) => tests.filter((_, index) => places[index] === part))
}

/** What reporters show of a test or suite. */
function seen(mode: string | undefined, result: SplitResult | undefined): unknown {
  // In a suite that is skipped within another, Vitest leaves tests as if they were to run.
  if (mode !== 'run' || result === undefined || result.state === 'skip') return 'not run'
  return { state: result.state, errors: result.errors }
}

function tree(node: Node, ids?: readonly string[]): Task {
  return collect(node, ids === undefined ? undefined : new Set(ids))
}

const test1: Node = { type: 'test', mode: 'run', state: 'pass' }
const suiteOf = (...tasks: Node[]): Node => ({ type: 'suite', mode: 'run', hookFails: false, tasks })

describe('parts of a file', () => {
  test('merge to what the file is when it runs whole, however it is divided and whatever ends how', () => {
    fc.assert(
      fc.property(divided, ({ node, ...division }) => {
        const parts = divide(division)
        const whole = run(collect(node))
        const merged = mergeParts(
          parts.map((ids) => run(tree(node, ids))),
          ownersOf(parts),
        )
        for (const { id, mode } of all(whole.tree as Task)) {
          expect([id, merged.modes.get(id)]).toEqual([id, mode])
          expect([id, seen(merged.modes.get(id), merged.results.get(id))]).toEqual([
            id,
            seen(mode, whole.results.get(id)),
          ])
        }
      }),
      { numRuns: 300 },
    )
  })

  test('are one file with as many tests as were collected', () => {
    fc.assert(
      fc.property(divided, ({ node, tests, places }) => {
        const parts = divide({ tests, places })
        const names = new Map(tests.map((id) => [id, nameOf(node, id)]))
        const trees = parts.map((ids) => tree(node, ids))
        expect(differenceOf(trees, ownersOf(parts), names)).toBeUndefined()
      }),
    )
  })

  test('have times, hooks and errors of all of them', () => {
    const node = suiteOf(suiteOf(test1, test1), test1)
    const parts = [['file_0_0'], ['file_0_1', 'file_1']]
    const trees = parts.map((ids) => tree(node, ids))
    const error = { name: 'Error', message: 'both' }
    const results: Map<string, SplitResult>[] = [
      new Map([
        ['file', { state: 'pass', startTime: 20, duration: 5, heap: 7, hooks: { beforeAll: 'pass' } }],
        ['file_0', { state: 'fail', startTime: 21, duration: 4, errors: [error] }],
      ]),
      new Map([
        ['file', { state: 'pass', startTime: 10, duration: 6, heap: 9, hooks: { afterAll: 'pass' } }],
        ['file_0', { state: 'pass', startTime: 11, duration: 3, errors: [error, { message: 'one' }] }],
      ]),
    ]
    const merged = mergeParts(
      trees.map((each, index) => ({ tree: each, results: results[index]! })),
      ownersOf(parts),
    )
    expect(merged.results.get('file')).toEqual({
      state: 'pass',
      startTime: 10,
      duration: 11,
      heap: 9,
      hooks: { beforeAll: 'pass', afterAll: 'pass' },
    })
    expect(merged.results.get('file_0')).toEqual({
      state: 'fail',
      startTime: 11,
      duration: 7,
      errors: [error, { message: 'one' }],
    })
  })
})

describe('what was collected is not what was divided', () => {
  const node = suiteOf(suiteOf(test1, test1), test1)
  const ids = ['file_0_0', 'file_0_1', 'file_1']
  const parts = [[ids[0]!], [ids[1]!, ids[2]!]]
  const names = new Map(ids.map((id) => [id, nameOf(node, id)]))
  const differs = (changed: Node, others = names, given = parts) =>
    differenceOf(
      given.map((part) => tree(changed, part)),
      ownersOf(given),
      others,
    )

  test('where nothing has changed, it is', () => {
    expect(differs(node)).toBeUndefined()
  })

  test('when a test was added', () => {
    expect(differs(suiteOf(suiteOf(test1, test1), test1, test1))).toContain('is new')
  })

  test('when a test is gone', () => {
    expect(differs(suiteOf(suiteOf(test1, test1)))).toContain('is gone')
  })

  test('when a test has another name', () => {
    expect(differs(node, new Map([...names, ['file_1', 'called otherwise']]))).toContain('its name')
  })

  test('when a test is in no part', () => {
    expect(differs(node, names, [[ids[0]!], [ids[1]!]])).toContain('is new')
  })

  test('when the parts do not see the same tests', () => {
    const trees = [tree(node, parts[0]), tree(suiteOf(suiteOf(test1), test1), parts[1])]
    expect(differenceOf(trees, ownersOf(parts), names)).toContain('different tests')
  })
})

function nameOf(node: Node, id: string): string {
  const places = id.split('_').slice(1)
  return places.map((_, index) => `called ${['file', ...places.slice(0, index + 1)].join('_')}`).join(' > ')
}
