import { conformance } from '@vitest-lanes/core/conformance'
import { describe, expect, test } from 'vitest'
import { memory, type Faults } from './memory.ts'

describe('a provider that resets its instances', () => {
  conformance({ describe, test, expect }, memory())
})

describe('a provider whose instances are disposed of after each file', () => {
  conformance({ describe, test, expect }, memory({ reset: false }))
})

describe('a provider of which only the least is known', () => {
  const { create, mark, marks } = memory()
  conformance({ describe, test, expect }, { create, mark, marks, instances: 1 })
})

test.each<[keyof Faults, string]>([
  ['sharedStore', 'instances that are opened at the same time do not see each other'],
  ['resetDoesNothing', 'an instance is clean for each next file, and can be used again'],
  ['resetClearsAll', 'cleaning one instance leaves the others as they are'],
  ['disposeLeavesStore', 'nothing is left of a run that has stopped'],
  ['disposeCallsLost', 'an instance that is disposed of is not called lost'],
  ['emptyVariable', 'an instance has variables, each with a name and a text that is not empty'],
  ['noLost', 'an instance that dies says so in a sentence'],
  ['startsWhenMade', 'a provider that was made and not started has made nothing'],
  ['stopFailsAfterFailedStart', 'a provider that cannot serve says why, and can be stopped'],
  ['moreInstances', 'starting tells where instances come from, and of no more than were asked for'],
])('a provider with the fault %s fails: %s', async (fault, title) => {
  expect(await failuresOf({ [fault]: true })).toContain(title)
})

test('a provider without a fault fails nothing', async () => {
  expect(await failuresOf({})).toEqual([])
})

/** Titles of the tests that fail. */
async function failuresOf(faults: Faults): Promise<string[]> {
  const tests: [title: string, run: () => Promise<void>][] = []
  conformance(
    {
      describe: (_, register) => register(),
      test: (title, run) => tests.push([title, run]),
      expect,
    },
    memory({ faults }),
  )
  const failed: string[] = []
  for (const [title, run] of tests) await run().catch(() => failed.push(title))
  return failed
}
