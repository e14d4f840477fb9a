import type { Project, RunOptions, VitestRun } from '../support/project.ts'
import { config } from '../support/sources.ts'

/** A project whose files run in three parts, each with a box of its own, once they have run whole. */
export function splitProject(
  files: Readonly<Record<string, string>>,
  test = '{}',
  more = '',
): Record<string, string> {
  return {
    'vitest.config.ts': config(
      `{ lanes: 3, split: { files: ['tests/**'], parts: 3 }, resources: { box: told('box') }, files: { 'tests/**': ['box'] } ${more} }`,
      test,
    ),
    ...files,
  }
}

/** Three tests that say where they run, and with which box. */
export const THREE = `
import { expect, test } from 'vitest'
import { hold, meet } from '/events.ts'
for (const name of ['a', 'b', 'c'])
  test(name, async () => {
    hold('box', { name, worker: process.env.VITEST_WORKER_ID, pool: process.env.VITEST_POOL_ID })
    if (process.env.MEET) await meet('all parts', 3)
  })
`

/** Runs it whole, so that it is known; then once more. */
export async function runSplit(
  project: Project,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<VitestRun> {
  await project.run()
  return project.run(args, options)
}

/** How often each file of a run was in a lane: `3` for one in three parts, `1` for one that ran whole. */
export function runsIn({ record }: VitestRun): Record<string, string> {
  return Object.fromEntries(
    (record?.files ?? []).map(({ file, parts, again }) => [
      file,
      parts === undefined ? 'whole' : `${parts.length} parts${again === undefined ? '' : ', then whole'}`,
    ]),
  )
}

/** Tests, suites, hooks and whatever a test can do, all of which passes. */
export const RICH = {
  'tests/__snapshots__/rich.test.ts.snap':
    '// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html\n\nexports[`snapshots > is as it was 1`] = `\n{\n  "a": 1,\n}\n`;\n',
  'tests/rich.test.ts': `
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
console.log('said on import')
let ready = false
beforeAll(() => { ready = true; console.log('said in beforeAll') })
afterAll(() => { ready = false })
test('has what beforeAll makes', () => expect(ready).toBe(true))
test.skip('is skipped', () => {})
test.todo('is to be written')
test('skips itself', ({ skip }) => skip('for a reason'))
test.fails('fails as it should', () => expect(1).toBe(2))
describe.each([1, 2, 3])('with %i', (number) => {
  let before = 0
  beforeAll(() => { before = number })
  beforeEach(() => { before++ })
  test('is told its number', () => { console.log('number', number); expect(before).toBeGreaterThan(number) })
  describe('deeper', () => {
    test('x', () => {})
    test.skip('y', () => {})
  })
})
describe('side by side', { concurrent: true }, () => {
  for (const name of ['a', 'b', 'c']) test(name, async () => { await new Promise((done) => setTimeout(done, 5)) })
})
describe.skip('is skipped as a whole', () => { test('p', () => {}); describe('inside', () => { test('q', () => {}) }) })
describe.todo('is to be written as a whole')
describe('again and again', () => {
  let tries = 0
  test('passes at the second try', { retry: 2 }, () => expect(++tries).toBe(2))
  test('is run three times', { repeats: 2 }, () => {})
})
describe('snapshots', () => {
  test('is as it was', () => expect({ a: 1 }).toMatchSnapshot())
  test('is inline', () => expect('a').toMatchInlineSnapshot('"a"'))
})
test('ends with a callback', () => { onTestFinished(() => { console.error('finished') }) })
test('is annotated', async ({ annotate }) => { expect((await annotate('noted')).message).toBe('noted') })
test('has something of its own', ({ task }) => { task.meta.own = 'yes' })
`,
}
