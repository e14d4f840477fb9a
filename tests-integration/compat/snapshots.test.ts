import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import type { Project } from '../support/project.ts'
import { config } from '../support/sources.ts'
import { expectSame } from './compare.ts'
import { FULL } from './leg.ts'

const TESTS = {
  'tests/new.test.ts': `
    import { expect, test } from 'vitest'
    test('is new', () => expect({ a: 1 }).toMatchSnapshot())
    test('is new inline', () => expect([1, 2]).toMatchInlineSnapshot())
    test('is a new error', () => expect(() => { throw new Error('no') }).toThrowErrorMatchingInlineSnapshot())
    test('is a new file', () => expect('text').toMatchFileSnapshot('./text.out'))
    test.for(['x', 'y'])('has a name: %s', (name) => expect(name).toMatchSnapshot('named'))
  `,
  'tests/old.test.ts': `
    import { expect, test } from 'vitest'
    test('has changed', () => expect('now').toMatchSnapshot())
    test('has changed inline', () => expect('now').toMatchInlineSnapshot('"then"'))
  `,
  'tests/__snapshots__/old.test.ts.snap': `// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html

exports[\`has changed 1\`] = \`"then"\`;

exports[\`is obsolete 1\`] = \`"gone"\`;
`,
  'tests/__snapshots__/gone.test.ts.snap': `// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html

exports[\`is obsolete, and so is its file 1\`] = \`"gone"\`;
`,
}

let project: Project
beforeAll(async () => {
  project = await createProject({
    'vitest.config.ts': config("{ lanes: 2, resources: { one: {} }, files: { 'tests/old*': ['one'] } }"),
  })
})
afterAll(() => project[Symbol.asyncDispose]())

const before = async (): Promise<void> => {
  await rm(join(project.root, 'tests'), { recursive: true, force: true })
  await project.write(TESTS)
}
const WAYS: [how: string, args: readonly string[], env: Readonly<Record<string, string>>][] = [
  ['without an option: new ones are written, the others reported', [], {}],
  ['with --update: changed ones are written, obsolete ones removed', ['--update'], {}],
  ['in CI: none is written', [], { CI: 'true' }],
]

describe('Snapshots', () => {
  test.each(FULL ? WAYS : WAYS.slice(0, 1))('%s', async (_, args, env) => {
    const run = await expectSame(project, args, { env, before })
    expect(run.code).toBe(args.includes('--update') ? 0 : 1)
  })
})
