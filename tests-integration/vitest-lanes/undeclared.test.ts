import { describe, expect, test } from 'vitest'
import type { RunRecord } from '@vitest-lanes/core'
import { recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import { config, file, tag } from '../support/sources.ts'

// Whether somebody listens there makes no difference.
const KNOCK = `
  import { connect, Socket } from 'node:net'
  export const ended = (socket) => new Promise((resolve) => {
    socket.once('error', resolve).once('connect', () => socket.end(resolve))
  })
  export const knock = (port) => ended(connect(port, 'localhost'))
  export const knockBySocket = (port) => ended(new Socket().connect({ port, host: '127.0.0.1' }))
`
const IMPORT = "import { knock, knockBySocket } from '/knock.ts'\n"

/** Findings by file: what they say, and where they point. */
function told(record: RunRecord | undefined): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const { file: name, place, message } of record?.findings ?? [])
    (found[name ?? ''] ??= []).push(`${place}: ${message}`)
  return found
}

const project = (lanes: string, options = '{}') =>
  createProject({
    'vitest.config.ts': config(
      `{ lanes: 2, resources: { redis: told('redis'), box: told('box') }, ${lanes} }`,
      options,
    ),
    '.env': 'CACHE_REDIS_URL=redis://user:secret@localhost:17379/0\n',
    'knock.ts': KNOCK,
    'hard-coded.test.ts': file('await knock(6379)', IMPORT),
    'box/own-socket.test.ts': file('await knockBySocket(5432)', IMPORT),
    'from-env.test.ts': file('await knock(17379)', IMPORT),
    'child.test.ts': file(
      `const child = spawn(process.execPath, ['--import', 'data:text/javascript,', './child.mjs'], { stdio: 'inherit' })
      await new Promise((resolve) => child.once('exit', resolve))`,
      "import { spawn } from 'node:child_process'\n",
    ),
    'child.mjs':
      "import { connect } from 'node:net'\nconnect(6379, '127.0.0.1').on('error', () => {}).unref()",
    'one-by-one.test.ts': file('await knock(6379)', tag('sequential') + IMPORT),
    'own-server.test.ts': file(
      `const server = createServer((socket) => socket.end()).listen(0)
      await once(server, 'listening')
      await knock(server.address().port)
      server.close()`,
      `${IMPORT}import { once } from 'node:events'\nimport { createServer } from 'node:net'\n`,
    ),
    'plain.test.ts': file('expect(1).toBe(1)'),
  })

const FILES = "files: { 'box/**': ['box/shared'] }"

describe.each(['forks', 'threads'])('%s', (pool) => {
  test('a file that connects to what it does not claim is told, with the place and the line to add', async () => {
    await using made = await project(FILES, `{ pool: '${pool}' }`)

    const run = await made.run()

    expect(run.code).toBe(0)
    expect(told(run.record)).toEqual({
      'hard-coded.test.ts': [
        "knock.ts:6: Connects to localhost:6379 at knock.ts:6, and does not claim `redis`: add `'hard-coded.test.ts': ['redis']` to `files`.",
      ],
      'box/own-socket.test.ts': [
        "knock.ts:7: Connects to localhost:5432 at knock.ts:7, and does not claim `postgres`: declare `resources: { postgres: postgres() }` and add `'box/own-socket.test.ts': ['box/shared', 'postgres']` to `files`.",
      ],
      'from-env.test.ts': [
        "knock.ts:6: Connects to localhost:17379 at knock.ts:6, which CACHE_REDIS_URL in .env names, and does not claim `redis`: add `'from-env.test.ts': ['redis']` to `files`.",
      ],
      'child.test.ts': [
        "child.mjs:2: Connects to localhost:6379 at child.mjs:2, and does not claim `redis`: add `'child.test.ts': ['redis']` to `files`.",
      ],
    })
    expect(run.record?.findings.map(({ kind }) => kind)).toEqual(Array(4).fill('undeclared-use'))
    expect(run.stdout).not.toContain('secret')
  })
})

test('`fail` fails these files and no others, with the finding as their error', async () => {
  await using made = await project(`${FILES}, undeclared: 'fail'`)

  const run = await made.run()

  expect(run.code).toBe(1)
  expect(recorded(run)).toEqual({
    'box/own-socket.test.ts': 'failed',
    'child.test.ts': 'failed',
    'from-env.test.ts': 'failed',
    'hard-coded.test.ts': 'failed',
    'one-by-one.test.ts': 'passed',
    'own-server.test.ts': 'passed',
    'plain.test.ts': 'passed',
  })
  const failed = run.report!.testResults.find(({ name }) => name.endsWith('hard-coded.test.ts'))
  expect(failed?.message).toContain("add `'hard-coded.test.ts': ['redis']` to `files`")
  expect(failed?.message).toContain('[LANES_UNDECLARED]')
  expect(failed?.assertionResults.map(({ status }) => status)).toEqual(['passed'])
  expect(run.record?.files.find(({ file: name }) => name === 'hard-coded.test.ts')?.error).toMatch(
    /^Connects to localhost:6379/,
  )
})

test('`off` finds nothing, and loads nothing into the files', async () => {
  await using made = await project(`${FILES}, undeclared: 'off', leaks: 'off'`)
  await made.write({ 'plain.test.ts': file("expect(process.env).not.toHaveProperty('VITEST_LANES_WATCH')") })

  const run = await made.run()

  expect(run.code).toBe(0)
  expect(run.record?.findings).toEqual([])
})

test('files that share a worker are told apart', async () => {
  await using made = await createProject({
    'vitest.config.ts': config(
      "{ lanes: 1, resources: { redis: told('redis') } }",
      '{ isolate: false, fileParallelism: true }',
    ),
    'knock.ts': KNOCK,
    ...Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [`${name}.test.ts`, file('await knock(6379)', IMPORT)]),
    ),
    'd.test.ts': file('expect(1).toBe(1)'),
  })

  const run = await made.run()

  // A lane has two workers in turn: one is kept while the other tears itself down.
  expect(new Set(run.record?.files.map(({ pid }) => pid)).size).toBeLessThan(4)
  expect(Object.keys(told(run.record)).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'a.test.ts',
    'b.test.ts',
    'c.test.ts',
  ])
})

test('a file that claims a resource and uses its own instance is not told; one that goes past it is', async () => {
  await using made = await createProject({
    'vitest.config.ts': `
      import { createServer } from 'node:net'
      import { defineConfig } from 'vitest/config'
      import { lanes } from 'vitest-lanes'
      const cache = () => ({
        name: 'redis',
        async open() {
          const server = createServer((socket) => socket.on('error', () => {}).resume())
          await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
          return {
            env: { REDIS_URL: \`redis://:pw@localhost:\${server.address().port}/0\` },
            dispose: () => new Promise((resolve) => server.close(resolve)),
          }
        },
      })
      export default defineConfig({
        plugins: [lanes({ lanes: 2, resources: { cache: cache() }, files: { '**': ['cache'] } })],
      })`,
    'knock.ts': KNOCK,
    'own.test.ts': file('await knock(Number(new URL(process.env.REDIS_URL).port))', IMPORT),
    'past.test.ts': file('await knock(6379)', IMPORT),
  })

  const run = await made.run()

  expect(told(run.record)).toEqual({
    'past.test.ts': [
      "knock.ts:6: Connects to localhost:6379 at knock.ts:6, and not to the instance of `cache` that it claims: use the instance's variables, or `redirect` localhost:6379.",
    ],
  })
})
