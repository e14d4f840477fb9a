import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { excludedRate, shuffle, wilsonInterval } from '@vitest-lanes/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { describeServers, startServer } from '../redis/engines.ts'
import { events } from '../support/in-project/events.ts'
import type { Event } from '../support/in-project/events.ts'
import type { Project } from '../support/project.ts'
import { lanesCommand, projectWith } from './support/command.ts'
import type { CommandEnd } from './support/command.ts'
import { startCommand } from './support/started.ts'

const LATENCY = fileURLToPath(new URL('../../packages/vitest-lanes/dist/worker/latency.cjs', import.meta.url))
const FINE = "import { test } from 'vitest'; test('is fine', () => {})"
const TWO_LANES = `
import { lanes } from 'vitest-lanes'
import { told } from './provider.ts'
export default { plugins: [lanes({
  lanes: 2,
  resources: { files: told('files') },
  files: { '**': ['files'] },
})] }`

interface Result {
  readonly interrupted: boolean
  readonly files: number
  readonly tests: number
  readonly runs: readonly { run: number; seed: number; outcome: string; lanes: number; failed: number }[]
  readonly failing: readonly {
    file: string
    name: string
    runs: number
    failures: number
    retried: number
    constant: boolean
    rate: number
    interval: { low: number; high: number }
    failedIn: readonly { run: number; seed: number; beside: readonly string[] }[]
    beside: readonly { file: string; failures: number; passes: number }[]
    messages: readonly { likeness: string; example: string; count: number; runs: readonly number[] }[]
  }[]
  readonly excluded?: { rate: number; confidence: number }
}

const told = (project: Project): Event[] => events(join(project.root, 'events.jsonl'))
const result = ({ stdout }: CommandEnd): Result => JSON.parse(stdout) as Result

function stress(
  project: Project,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandEnd> {
  const log = join(project.root, 'events.jsonl')
  return lanesCommand(project.root, ['stress', ...args], { VITEST_LANES_TEST_EVENTS: log, ...env })
}

// Each waits for what the others do, not for time. `mine` fails if it is beside `theirs`, with `other` not yet there; if
// `other` is one of the first two, `theirs` has ended before `mine` begins, or begins after it.
const FAULTY = {
  'parties.js': `
    import Redis from 'ioredis'
    import { setTimeout } from 'node:timers/promises'
    export const redis = new Redis(process.env.REDIS_URL)
    // Three files a run, on a server that nobody cleans.
    const run = Math.floor(((await redis.incr('files')) - 1) / 3)
    const key = (name) => run + name
    export const tell = (name, value = 'yes') => redis.set(key(name), value)
    export const told = (name) => redis.get(key(name))
    export async function until(condition) {
      while (!(await condition())) await setTimeout(10)
    }`,
  'mine.test.js': `
    import { afterAll, expect, test } from 'vitest'
    import { redis, tell, told, until } from './parties.js'
    afterAll(() => redis.disconnect())
    test('keeps what it wrote', async () => {
      await tell('owner', 'mine')
      await tell('mine has begun')
      await until(async () => (await told('owner')) !== 'mine' || (await told('other has begun')))
      const owner = await told('owner')
      await tell('mine has ended')
      expect(owner).toBe('mine')
    })`,
  'theirs.test.js': `
    import { afterAll, test } from 'vitest'
    import { redis, tell, told, until } from './parties.js'
    afterAll(() => redis.disconnect())
    test('writes', async () => {
      await until(async () => (await told('mine has begun')) || (await told('other has begun')))
      await tell('owner', 'theirs ' + process.pid)
    })`,
  'other.test.js': `
    import { afterAll, test } from 'vitest'
    import { redis, tell, told, until } from './parties.js'
    afterAll(() => redis.disconnect())
    test('looks on', async () => {
      await tell('other has begun')
      await until(() => told('mine has ended'))
    })`,
}

describeServers((server) => {
  test('finds the file that shares a key with another, in a suite without the plugin, and replay repeats it', async () => {
    await using redis = await startServer(server)
    const { env } = await redis.open()
    await using project = await projectWith(FAULTY, ['ioredis'])

    const args = ['--runs', '5', '--lanes', '2', '--seed', '1', '--json']
    const ended = await stress(project, args, { REDIS_URL: env['REDIS_URL']! })

    const names = ['mine.test.js', 'other.test.js', 'theirs.test.js']
    const failing = [1, 2, 3, 4, 5].filter((seed) => shuffle(names, seed).at(-1) === 'other.test.js')
    expect(failing.length).toBeGreaterThan(0)
    expect(failing.length).toBeLessThan(5)
    expect(ended.stderr).toBe('')
    const found = result(ended)
    expect(found).toMatchObject({ files: 3, tests: 3, interrupted: false })
    expect(found.runs.map(({ run, seed }) => [run, seed])).toEqual(
      [1, 2, 3, 4, 5].map((each) => [each, each]),
    )
    expect(found.failing).toMatchObject([
      {
        file: 'mine.test.js',
        name: 'keeps what it wrote',
        runs: 5,
        failures: failing.length,
        retried: 0,
        constant: false,
        rate: failing.length / 5,
        interval: wilsonInterval(failing.length, 5),
        failedIn: failing.map((seed) => ({ run: seed, seed })),
        messages: [
          {
            likeness: expect.stringContaining("expected 'theirs <n>' to be 'mine'") as string,
            count: failing.length,
            runs: failing,
          },
        ],
      },
    ])
    expect(found.failing[0]!.beside[0]).toMatchObject({ file: 'theirs.test.js', failures: failing.length })
    for (const { beside } of found.failing[0]!.failedIn) expect(beside).toContain('theirs.test.js')
    expect(ended.code).toBe(1)

    const again = await lanesCommand(project.root, ['replay', '--run', String(failing[0]), '--json'], {
      REDIS_URL: env['REDIS_URL']!,
    })
    expect(JSON.parse(again.stdout)).toMatchObject({
      lanes: 2,
      sameLane: 3,
      sameTurn: 3,
      failures: { both: ['mine.test.js › keeps what it wrote'], recordedOnly: [], repeatedOnly: [] },
      repeated: true,
    })
    expect(again.code).toBe(0)
  })
})

describe('stress', () => {
  test('says of a suite in which nothing fails which rate that excludes', async () => {
    await using project = await projectWith({
      'vitest.config.ts': TWO_LANES,
      'a.test.ts': FINE,
      'b.test.ts': FINE,
    })

    const json = await stress(project, ['--runs', '3', '--json'])
    expect(result(json)).toMatchObject({ failing: [], excluded: { rate: excludedRate(3), confidence: 0.95 } })
    expect(json.code).toBe(0)
    const text = await stress(project, ['--runs', '2'])
    expect(text.stdout).toContain('2 runs of 2 files, 2 tests · 2 lanes')
    expect(text.stdout).toContain('A test that fails in more than 78 % of runs would have shown itself')
    expect(text.code).toBe(0)
  })

  test('keeps servers between runs, and changes neither history nor the last record', async () => {
    await using project = await projectWith({
      'vitest.config.ts': TWO_LANES,
      'a.test.ts': FINE,
      'b.test.ts': FINE,
      'c.test.ts': FINE,
    })

    await stress(project, ['--runs', '3', '--lanes', '3'])

    const what = told(project).map((event) => event.what)
    expect(what.filter((each) => each === 'start' || each === 'stop')).toEqual(['start', 'stop'])
    const opened = what.filter((each) => each === 'open').length
    expect(opened).toBeLessThan(9)
    expect(what.filter((each) => each === 'dispose')).toHaveLength(opened)
    expect(await readdir(join(project.root, '.vitest-lanes'))).toEqual(['.gitignore', 'stress'])
    expect((await readdir(join(project.root, '.vitest-lanes/stress'))).toSorted()).toEqual([
      '1.json',
      '2.json',
      '3.json',
      'runs.json',
    ])
  })

  test('runs files in another order each time, the same for the same seed', async () => {
    const tell = `
      import { test } from 'vitest'
      import { tell } from './events.ts'
      test('tells', ({ task }) => tell('ran', { file: task.file.name }))`
    const names = ['a.test.ts', 'b.test.ts', 'c.test.ts', 'd.test.ts']
    await using project = await projectWith({
      'vitest.config.ts': TWO_LANES,
      ...Object.fromEntries(names.map((name) => [name, tell])),
    })

    const { stdout } = await stress(project, ['--runs', '2', '--lanes', '1', '--seed', '5'])

    const ran = told(project)
      .filter(({ what }) => what === 'ran')
      .map(({ file }) => file)
    expect(ran).toEqual([...shuffle(names, 5), ...shuffle(names, 6)])
    expect(ran.slice(0, 4)).not.toEqual(ran.slice(4))
    expect(stdout).toContain('Files ran one at a time')
  })

  test('tells a test that passed when it was tried again, and a file that cannot be imported', async () => {
    await using project = await projectWith({
      'retried.test.ts': `
        import { expect, test } from 'vitest'
        let tries = 0
        test('passes at last', { retry: 1 }, () => expect(++tries).toBe(2))`,
      'broken.test.ts': "import './nothing.ts'",
    })

    const ended = await stress(project, ['--runs', '2', '--json'])

    expect(result(ended).failing).toMatchObject([
      { file: 'broken.test.ts', name: 'broken.test.ts', failures: 2, retried: 0, constant: true },
      { file: 'retried.test.ts', name: 'passes at last', failures: 2, retried: 2, constant: false },
    ])
    expect(ended.code).toBe(1)
  })

  test('ends with --until-fail after the first run in which something fails', async () => {
    await using project = await projectWith({
      'a.test.ts': `
        import { appendFileSync, readFileSync } from 'node:fs'
        import { expect, test } from 'vitest'
        test('counts', () => {
          appendFileSync('count', '.')
          expect(readFileSync('count', 'utf8').length).not.toBe(3)
        })`,
    })

    const ended = await stress(project, ['--until-fail', '--json'])

    expect(result(ended).runs.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'failed'])
    expect(ended.code).toBe(1)
  })

  test('ends with --for after the run in which the time is over', async () => {
    await using project = await projectWith({ 'a.test.ts': FINE })
    expect(result(await stress(project, ['--for', '1ms', '--json'])).runs).toHaveLength(1)
  })

  test('shuffles the tests of a file when asked to', async () => {
    const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    await using project = await projectWith({
      'a.test.ts': `
        import { test } from 'vitest'
        import { tell } from './events.ts'
        ${letters.map((letter) => `test('${letter}', () => tell('ran', { letter: '${letter}' }))`).join('\n')}`,
    })
    const order = (from: number): string[] =>
      told(project)
        .slice(from)
        .map(({ letter }) => String(letter))

    await stress(project, ['--runs', '1'])
    expect(order(0)).toEqual(letters)
    await stress(project, ['--runs', '1', '--shuffle-tests', '--seed', '3'])
    expect(order(letters.length)).not.toEqual(letters)
    expect(order(letters.length).toSorted()).toEqual(letters)
  })

  test('runs only files that depend on what has changed', async () => {
    await using project = await projectWith({
      'a.ts': 'export const a = 1',
      'a.test.ts': "import './a.ts'; import { test } from 'vitest'; test('a', () => {})",
      'b.test.ts': FINE,
      '.gitignore': '.vitest-lanes\nnode_modules\n',
    })
    const git = (...args: string[]): void => {
      const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org']
      execFileSync('git', [...identity, ...args], { cwd: project.root, stdio: 'ignore' })
    }
    git('init')
    git('add', '.')
    git('commit', '-m', 'all')

    const unchanged = await stress(project, ['--only-changed'])
    expect(unchanged.stderr).toContain('No test file depends on what has changed')
    expect(unchanged.code).toBe(0)
    await project.write({ 'a.ts': 'export const a = 2' })
    const changed = await stress(project, ['--only-changed', '--runs', '2', '--json'])
    expect(result(changed)).toMatchObject({ files: 1, tests: 1 })
    expect(result(changed).runs).toHaveLength(2)
  })

  test('puts every core and every answer of a server under pressure, and takes it away', async () => {
    await using project = await projectWith({
      'a.test.ts': `
        import { createServer, connect } from 'node:net'
        import { once } from 'node:events'
        import { test } from 'vitest'
        import { tell, until } from './events.ts'
        test('asks a server', async () => {
          const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
          await once(server, 'listening')
          const client = connect(server.address().port, '127.0.0.1')
          client.write('ping')
          const [answer] = await once(client, 'data')
          client.destroy()
          server.close()
          tell('asked', { answer: String(answer), latency: process.env.VITEST_LANES_LATENCY })
          await until((told) => told.some(({ what }) => what === 'seen'))
        })`,
    })
    const command = startCommand(project, ['stress', '--runs', '1', '--pressure'])
    await command.until(() => told(project).some(({ what }) => what === 'asked'))
    const burners = (await command.processes()).filter((live) => live.command.endsWith('burn.js'))
    appendFileSync(join(project.root, 'events.jsonl'), '{"what":"seen","pid":1}\n')

    expect((await command.ended).code).toBe(0)
    expect(told(project)[0]).toMatchObject({ answer: 'ping', latency: '20' })
    expect(burners.length > 0).toBe(process.platform === 'linux')
    expect(await command.processes()).toEqual([])
  })

  test('lets what a test sends leave later under pressure, and nothing else', async () => {
    const heard: string[] = []
    const server = createServer((socket) => {
      socket.setEncoding('utf8').on('data', (text: string) => heard.push(text))
      socket.on('error', () => {})
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const send = (text: string, env: Record<string, string>): ChildProcess => {
      const script = `require('net').connect(${port}, '127.0.0.1').write('${text}'); console.log('sent')`
      const child = spawn(process.execPath, ['--require', LATENCY, '-e', script], { env })
      onTestFinished(() => void child.kill('SIGKILL'))
      return child
    }

    // Up to 23 days: what is sent does not leave as long as the test runs.
    const late = send('late', { VITEST_LANES_LATENCY: '2000000000' })
    await once(late.stdout!, 'data')
    send('at once', {})

    await vi.waitFor(() => expect(heard).toEqual(['at once']), { timeout: 30_000 })
    server.close()
  })

  const FOREVER = `
    import { test } from 'vitest'
    import { forever, tell } from './events.ts'
    import { existsSync } from 'node:fs'
    test('hangs in the second run', { timeout: 600_000 }, async () => {
      tell('ran')
      if (existsSync('.vitest-lanes/stress/1.json')) await forever()
    })`

  test('tells on Ctrl-C what it has found, and leaves nothing behind', async () => {
    await using project = await projectWith({ 'vitest.config.ts': TWO_LANES, 'a.test.ts': FOREVER })
    const command = startCommand(project, ['stress', '--pressure', '--json'])
    await command.until(() => told(project).filter(({ what }) => what === 'ran').length === 2)

    command.kill('SIGINT', 'group')

    const ended = await command.ended
    expect(result(ended)).toMatchObject({
      interrupted: true,
      runs: [{ run: 1, outcome: 'passed' }],
      failing: [],
    })
    expect(ended.code).toBe(130)
    expect(await command.processes()).toEqual([])
    expect(told(project).at(-1)?.what).toBe('stop')
    expect(existsSync(join(project.root, '.vitest-lanes/stress/2.json'))).toBe(false)
  })

  test('leaves no pressure behind when it is killed', async () => {
    await using project = await projectWith({ 'a.test.ts': FOREVER })
    const command = startCommand(project, ['stress', '--pressure', '--json'])
    await command.until(() => told(project).filter(({ what }) => what === 'ran').length === 2)

    command.kill('SIGKILL')

    await command.ended
    const burning = async (): Promise<number> =>
      (await command.processes()).filter((live) => live.command.endsWith('burn.js')).length
    await vi.waitFor(async () => expect(await burning()).toBe(0), { timeout: 30_000 })
  })

  test.each([
    ['a count that is none', ['--runs', '0'], 'Expected `--runs` to be a whole number'],
    ['a time that is none', ['--for', 'long'], 'Expected `--for` to be 90s, 10m or 1h'],
    ['a filter that matches nothing', ['nothing-like-it'], 'There is no test file'],
  ])('ends with status 2 for %s', async (_, args, message) => {
    await using project = await projectWith({ 'a.test.ts': FINE })
    const { code, stderr } = await stress(project, args)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})
