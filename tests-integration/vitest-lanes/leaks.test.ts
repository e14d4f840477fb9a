import { describe, expect, test } from 'vitest'
import { recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import { file } from '../support/sources.ts'

/** A configuration whose provider serves doors: connections, of which it tells those that are still open. */
function doors(options: string, test = '{}'): string {
  return `
    import { createServer } from 'node:net'
    import { defineConfig } from 'vitest/config'
    import { lanes } from 'vitest-lanes'
    import { tell } from './events.ts'
    const doors = () => ({
      name: 'doors',
      async open({ number }) {
        const sockets = new Set()
        const server = createServer((socket) => {
          sockets.add(socket)
          socket.on('error', () => {}).on('close', () => sockets.delete(socket)).resume()
        })
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
        return {
          env: { DOOR_PORT: String(server.address().port), DOOR_URL: \`door://127.0.0.1:\${server.address().port}\` },
          async inspect(inspected) {
            tell('inspect', { resource: 'doors', number })
            return [...sockets].map((socket) => {
              const opener = inspected.openerOf(socket.remotePort) ?? {}
              return { kind: 'door-open', message: \`A door is open, \${opener.place}.\`, resource: 'doors', ...opener }
            })
          },
          async reset() {
            tell('reset', { resource: 'doors', number })
            for (const socket of sockets) socket.destroy()
          },
          dispose: () => new Promise((resolve) => server.close(resolve)),
        }
      },
    })
    export default defineConfig({
      plugins: [lanes({ lanes: 2, resources: { doors: doors() }, files: { '**': ['doors'] }, ${options} })],
      test: ${test},
    })
  `
}

const DOOR = `
  import { connect } from 'node:net'
  export const open = () => new Promise((resolve) => {
    const socket = connect(Number(process.env.DOOR_PORT), '127.0.0.1', () => resolve(socket))
  })
  export const close = (socket) => new Promise((resolve) => socket.once('close', resolve).end())
`
const IMPORT = "import { close, open } from '/door.ts'\n"

const FILES = {
  'door.ts': DOOR,
  'leaves.test.ts': file('await open()', IMPORT),
  // Closes each door at the last moment at which that can be done.
  'closes/hook.test.ts': `
    import { afterAll, test } from 'vitest'
    ${IMPORT}
    let door
    afterAll(() => close(door))
    test('works', async () => { door = await open() })`,
  'closes/fixture.test.ts': `
    import { test as base } from 'vitest'
    ${IMPORT}
    const fixture = (scope) => [async ({}, use) => { const door = await open(); await use(door); await close(door) }, { scope }]
    const test = base.extend({ own: fixture('test'), files: fixture('file'), workers: fixture('worker') })
    test('works', ({ own, files, workers, expect }) => { expect([own, files, workers]).toHaveLength(3) })`,
  'closes/environment.test.ts': `// @vitest-environment ./environment.ts
    import { test } from 'vitest'
    test('works', () => {})`,
  'environment.ts': `
    import { connect } from 'node:net'
    export default {
      name: 'doors',
      viteEnvironment: 'ssr',
      async setup() {
        const door = connect(Number(process.env.DOOR_PORT), '127.0.0.1')
        await new Promise((resolve) => door.once('connect', resolve))
        return { teardown: () => new Promise((resolve) => door.once('close', resolve).end()) }
      },
    }`,
}

describe.each(['forks', 'threads'])('%s', (pool) => {
  test('what a file leaves is told, with the file, the test and the line; what closes by itself is not', async () => {
    await using project = await createProject({
      'vitest.config.ts': doors('', `{ pool: '${pool}' }`),
      ...FILES,
    })

    const run = await project.run()

    expect(run.code).toBe(0)
    expect(run.report?.numPassedTests).toBe(4)
    expect(run.record?.findings).toEqual([
      {
        kind: 'door-open',
        message: 'A door is open, door.ts:4.',
        resource: 'doors',
        place: 'door.ts:4',
        test: 'works',
        file: 'leaves.test.ts',
      },
    ])
    // An instance is looked at before it is cleaned; again where it is not yet known who opened what is open.
    const looks = run.events.filter(({ what }) => what === 'inspect').length
    expect([4, 5]).toContain(looks)
    expect(run.events.filter(({ what }) => what === 'reset')).toHaveLength(4)
  })

  test('`fail` fails the file that leaves something, with that as its error, and no other', async () => {
    await using project = await createProject({
      'vitest.config.ts': doors("leaks: 'fail'", `{ pool: '${pool}' }`),
      ...FILES,
    })

    const run = await project.run()

    expect(run.code).toBe(1)
    expect(recorded(run)).toEqual({
      'closes/environment.test.ts': 'passed',
      'closes/fixture.test.ts': 'passed',
      'closes/hook.test.ts': 'passed',
      'leaves.test.ts': 'failed',
    })
    const failed = run.report?.testResults.find(({ status }) => status === 'failed')
    expect(failed?.message).toContain('A door is open, door.ts:4.')
    expect(failed?.message).toContain('[LANES_LEAK]')
    expect(failed?.assertionResults.map(({ status }) => status)).toEqual(['passed'])
    expect(run.record?.files.find(({ outcome }) => outcome === 'failed')?.error).toBe(
      'A door is open, door.ts:4.',
    )
    // It is told once, as it turned out.
    expect(run.stdout).not.toContain('✓ leaves.test.ts')
  })
})

test('`off` looks at nothing', async () => {
  await using project = await createProject({
    'vitest.config.ts': doors("leaks: 'off'"),
    'door.ts': DOOR,
    'leaves.test.ts': file('await open()', IMPORT),
  })

  const run = await project.run()

  expect(run.code).toBe(0)
  expect(run.record?.findings).toEqual([])
  expect(run.events.map(({ what }) => what)).toEqual(['reset'])
})

test.each(['forks', 'threads'])(
  '%s: a process that outlives its file is told; one that ends with it, or before, is not',
  async (pool) => {
    await using project = await createProject({
      'vitest.config.ts': doors('', `{ pool: '${pool}' }`),
      'outlives.test.ts': file(
        `const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
      tell('child', { child: child.pid })
      child.unref()`,
        "import { spawn } from 'node:child_process'\n",
      ),
      'ends.test.ts': file(
        `const child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] })
      child.unref()
      await new Promise((resolve) => spawn('true').once('exit', resolve))`,
        "import { spawn } from 'node:child_process'\n",
      ),
    })

    const run = await project.run([], { unchecked: true })
    const child = run.events.find(({ what }) => what === 'child')?.['child']
    process.kill(Number(child), 'SIGKILL')

    expect(run.code).toBe(0)
    expect(run.record?.findings).toEqual([
      {
        kind: 'process-outlives-file',
        message: `The process ${String(child)} (sleep), started at outlives.test.ts:5, has outlived the file: end it and wait for its exit.`,
        file: 'outlives.test.ts',
        test: 'works',
        place: 'outlives.test.ts:5',
      },
    ])
  },
)

test('a file that fails, or whose worker dies, is told as before, and its leaks where they can be seen', async () => {
  await using project = await createProject({
    'vitest.config.ts': doors("leaks: 'fail'"),
    'door.ts': DOOR,
    'fails.test.ts': file('await open(); expect(1).toBe(2)', IMPORT),
    'dies.test.ts': file("await open(); process.kill(process.pid, 'SIGKILL'); await forever()", IMPORT),
    'empty.test.ts': '',
  })

  const run = await project.run()

  expect(run.code).toBe(1)
  expect(Object.values(recorded(run))).toEqual(['failed', 'failed', 'failed'])
  const failed = run.report?.testResults.find(({ name }) => name.endsWith('fails.test.ts'))
  expect(failed?.assertionResults.map(({ failureMessages }) => failureMessages?.length)).toEqual([1])
  expect(run.record?.findings.map(({ file: name }) => name)).toEqual(['fails.test.ts'])
})
