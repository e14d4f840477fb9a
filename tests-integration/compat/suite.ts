import { config } from '../support/sources.ts'

/** A project in which files end in every way that Vitest knows. With `STOCK` in its environment, without the plugin. */
export function suite(test = '{}'): Record<string, string> {
  return {
    'vitest.config.ts': config(
      "{ lanes: 3, resources: { box: told('box'), one: {} }, files: { 'tests/box/**': ['box'], 'tests/one/**': ['one/shared'] } }",
      `{ globalSetup: ['./global.ts'], setupFiles: ['./setup.ts'], env: { FROM_CONFIG: 'yes' }, tags: [{ name: 'slow' }], ...${test} }`,
    ),
    'global.ts': GLOBAL,
    'setup.ts': SETUP,
    'src/sum.ts': 'export const sum = (a, b) => (a > 99 ? NaN : a + b)\nexport const unused = () => 1\n',
    'tests/box/ends.test.ts': ENDS,
    'tests/box/fails.test.ts': FAILS,
    'tests/one/provided.test.ts': PROVIDED,
    ...snapshotFiles(),
    'tests/repeated.test.ts': REPEATED,
    'tests/only.test.ts': ONLY,
    'tests/tagged.test.ts': TAGGED,
    'tests/mixed.test.ts': MIXED,
    'tests/broken.test.ts':
      "import { test } from 'vitest'\nimport './is-not-there.ts'\ntest('is never known', () => {})\n",
    'tests/empty.test.ts': '// Has no test.\n',
    'tests/hooks.test.ts': HOOKS,
    'tests/unhandled.test.ts': UNHANDLED,
    'tests/exits.test.ts': "import { test } from 'vitest'\ntest('exits', () => process.exit(3))\n",
  }
}

/** What a run may change. */
export function snapshotFiles(): Record<string, string> {
  return {
    'tests/one/snapshots.test.ts': SNAPSHOTS,
    'tests/one/__snapshots__/snapshots.test.ts.snap': SNAPSHOT_FILE,
  }
}

const GLOBAL = `
export default function ({ provide }) {
  provide('answer', 42)
  return () => {}
}
`

const SETUP = `
import { beforeEach } from 'vitest'
beforeEach((context) => { context.fromSetup = true })
`

const ENDS = `
import { describe, expect, test } from 'vitest'
import { sum } from '../../src/sum.ts'
test('passes', () => expect(sum(1, 2)).toBe(3))
test.skip('is skipped', () => {})
test.todo('is to be written')
test('skips itself', ({ skip }) => skip('for a reason'))
test.fails('fails as it should', () => expect(1).toBe(2))
describe.each([1, 2])('with %i', (number) => {
  test('is told its number', () => expect(number).toBeGreaterThan(0))
})
describe('side by side', { concurrent: true }, () => {
  for (const name of ['a', 'b', 'c']) test(name, async () => { await new Promise((done) => setTimeout(done, 20)); console.log('said by', name) })
})
describe.shuffle('in some order', () => { test('x', () => {}); test('y', () => {}) })
`

/** All of it can run in parts. */
const MIXED = `
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
let begun = 0
beforeAll(() => { begun++ })
// Of tests that run at once, Vitest takes the one that began last for the one that prints.
beforeEach(({ task }) => { if (!task.concurrent) console.log('before each') })
afterEach(({ task }) => { if (!task.concurrent) console.warn('after each') })
afterAll(() => { expect(begun).toBe(1) })
test('passes among others', () => { onTestFinished(() => console.log('is finished')) })
test.skip('is skipped among others', () => {})
test('needs a second try', { retry: 2 }, ({ task }) => expect(task.result.retryCount ?? 0).toBe(1))
test('is repeated', { repeats: 2 }, () => {})
test.todo('is to be written among others')
describe('a suite', () => {
  test.each(['x', 'y'])('is told %s', (name) => expect(name).toMatch(/[xy]/))
  describe('in a suite', { concurrent: true }, () => {
    for (const name of ['a', 'b', 'c']) test(name, async () => { await new Promise((done) => setTimeout(done, 10)) })
  })
  test('is annotated', async ({ annotate }) => { await annotate('with this') })
})
test.fails('fails as it should, among others', () => expect(1).toBe(2))
`

const FAILS = `
import { expect, test } from 'vitest'
test('is wrong', () => expect({ a: 1 }).toEqual({ a: 2 }))
test('throws', () => { throw new TypeError('not this') })
test('takes too long', async () => { await new Promise(() => {}) }, 50)
test('is wrong twice', () => { expect.soft(1).toBe(2); expect.soft(3).toBe(4) })
`

const PROVIDED = `
import { expect, inject, test } from 'vitest'
test('is given what the global setup provides', () => expect(inject('answer')).toBe(42))
test('has what the setup file adds', ({ fromSetup }) => expect(fromSetup).toBe(true))
test('has the variables of the configuration', () => expect(process.env.FROM_CONFIG).toBe('yes'))
test('knows its mode', () => expect([import.meta.env.MODE, process.env.NODE_ENV, process.env.VITEST]).toEqual(['test', 'test', 'true']))
`

const SNAPSHOTS = `
import { expect, test } from 'vitest'
test('is as it was', () => expect({ a: [1, 2] }).toMatchSnapshot())
test('is inline', () => expect('a').toMatchInlineSnapshot('"a"'))
`

const SNAPSHOT_FILE = `// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html

exports[\`is as it was 1\`] = \`
{
  "a": [
    1,
    2,
  ],
}
\`;

exports[\`is obsolete 1\`] = \`"gone"\`;
`

const REPEATED = `
import { expect, test } from 'vitest'
let tries = 0
test('passes at the third try', { retry: 3 }, () => expect(++tries).toBe(3))
let times = 0
test('is run three times', { repeats: 2 }, () => { times++ })
test('was', () => expect(times).toBe(3))
test('fails each time', { retry: 1 }, () => expect(1).toBe(0))
`

const ONLY = `
import { test } from 'vitest'
test.only('is the only one', () => {})
test('is left out', () => { throw new Error('was run') })
`

const TAGGED = `
import { test } from 'vitest'
test('is tagged', { tags: ['slow'] }, () => {})
test('is not', () => {})
`

const HOOKS = `
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
describe('whose beforeAll throws', () => {
  beforeAll(() => { throw new Error('before') })
  test('is not run', () => {})
})
describe('whose afterEach throws', () => {
  afterEach(() => { throw new Error('after') })
  test('fails after all', () => {})
})
describe('whose afterAll throws', () => {
  afterAll(() => { throw new Error('at the end') })
  test('passes', () => {})
})
test('ends with a callback', () => { onTestFinished(() => expect(1).toBe(1)) })
`

const UNHANDLED = `
import { test } from 'vitest'
test('leaves a promise alone', async () => {
  Promise.reject(new Error('nobody caught this'))
  await new Promise((done) => setTimeout(done, 50))
})
`
