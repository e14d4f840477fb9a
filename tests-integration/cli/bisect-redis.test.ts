import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutNative } from '../redis/engines.ts'
import { theirServer } from '../redis/theirs.ts'
import type { TheirServer } from '../redis/theirs.ts'
import type { Project } from '../support/project.ts'
import { allAtOnce, bisected, oneAfterTheOther, putRecord } from './support/bisect.ts'
import { projectWith } from './support/command.ts'

/** As much of a client as these tests need: the usual ones take longer to load than the tests to run. */
const REDIS = `
import { connect } from 'node:net'
export function open() {
  const socket = connect(Number(process.env.REDIS_PORT), '127.0.0.1').setEncoding('utf8')
  const waiting = []
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
    for (let reply = read(); reply !== undefined; reply = read()) waiting.shift()(reply.value)
  })
  function read() {
    const end = text.indexOf('\\r\\n')
    if (end === -1) return undefined
    const line = text.slice(1, end)
    const isBulk = text[0] === '$' && line !== '-1'
    const rest = end + 2 + (isBulk ? Number(line) + 2 : 0)
    if (text.length < rest) return undefined
    const value = isBulk ? text.slice(end + 2, rest - 2) : text[0] === ':' ? Number(line) : text[0] === '$' ? null : line
    text = text.slice(rest)
    return { value }
  }
  return {
    send: (...words) => new Promise((done) => {
      waiting.push(done)
      socket.write('*' + words.length + '\\r\\n' + words.map((word) => '$' + word.length + '\\r\\n' + word + '\\r\\n').join(''))
    }),
    close: () => socket.destroy(),
  }
}`

const CLIENT = `
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { open } from '../redis.mjs'
const redis = open()
afterAll(() => redis.close())
const wait = (ms) => new Promise((done) => setTimeout(done, ms))`

const HARMLESS = `${CLIENT}
test('counts', async () => {
  const key = 'hits:' + Math.random()
  expect(await redis.send('INCR', key)).toBe(1)
  await redis.send('DEL', key)
})`

/** Cleans up after each test, the others' keys too. In 3 of 10 runs it comes at the wrong moment. */
const FLUSHES = `${CLIENT}
import { appendFileSync, readFileSync } from 'node:fs'
afterEach(async () => {
  appendFileSync('turns', '.')
  const turn = readFileSync('turns').length
  if ((7 * turn) % 10 < 3) for (let time = 0; time < 20; time++) await redis.send('FLUSHALL').then(() => wait(10))
})
test('looks up', () => expect(redis.send('GET', 'nothing')).resolves.toBe(null))`

const VICTIM = `${CLIENT}
test('keeps a session', async () => {
  for (let time = 0; time < 30; time++) {
    await redis.send('SET', 'session', 'mine')
    await wait(10)
    expect(await redis.send('GET', 'session')).toBe('mine')
  }
})`

const FILES = ['a', 'flushes', 'victim'].map((name) => `tests/${name}.test.ts`)

function projectOf(files: Readonly<Record<string, string>>): Promise<Project> {
  return projectWith({
    'redis.mjs': REDIS,
    ...Object.fromEntries(FILES.map((file) => [file, HARMLESS])),
    ...files,
  })
}

describe.skipIf(withoutNative !== undefined)(
  `bisect of a suite on one Redis (${withoutNative ?? 'native'})`,
  () => {
    let server: TheirServer
    let env: Record<string, string>
    beforeAll(async () => {
      server = await theirServer('port PORT')
      env = { REDIS_PORT: String(server.port) }
    })
    afterAll(async () => server[Symbol.asyncDispose]())

    // About fifty trials: a failure that comes in 3 of 10 takes so many.
    test('names the file whose FLUSHALL meets the test in 3 of 10 runs, by overlap', async () => {
      await using suite = await projectOf({
        'vitest.config.ts': `export default { test: { pool: 'threads' } }`,
        'tests/flushes.test.ts': FLUSHES,
        'tests/victim.test.ts': VICTIM,
      })
      await putRecord(suite, allAtOnce(FILES, 'keeps a session'))
      const { report } = await bisected(
        suite,
        ['victim > keeps a session', '--rate', '25', '--causes', '1'],
        env,
      )
      expect(report).toMatchObject({
        kind: 'found',
        sentence: 'tests/victim.test.ts > keeps a session fails when tests/flushes.test.ts runs beside it.',
        causes: [{ relation: 'beside' }],
        alone: { failed: 0 },
      })
    }, 600_000)

    const LEAVES = `${CLIENT}
beforeEach(() => redis.send('RPUSH', 'jobs', 'one of mine'))
test('adds', async () => expect(await redis.send('LLEN', 'jobs')).toBeGreaterThan(0))
test('adds again', async () => expect(await redis.send('LLEN', 'jobs')).toBeGreaterThan(0))`
    const EMPTY = `${CLIENT}
test('begins empty', async () => expect(await redis.send('LLEN', 'jobs')).toBe(0))`
    /** All files claim one sandbox: they run one at a time, and nobody cleans it. */
    const SANDBOX = `
import { defineConfig } from 'vitest/config'
import { lanes } from 'vitest-lanes'
export default defineConfig({
  plugins: [lanes({ resources: { sandbox: { instances: 1 } }, files: { 'tests/**': ['sandbox'] } })],
})`
    const RESET = `
import { open } from './redis.mjs'
const redis = open()
await redis.send('FLUSHALL')
redis.close()`

    test('what a file leaves in a sandbox that exists once is found, with a command that cleans it', async () => {
      await using suite = await projectOf({
        'vitest.config.ts': SANDBOX,
        'reset.mjs': RESET,
        'tests/flushes.test.ts': LEAVES,
        'tests/victim.test.ts': EMPTY,
      })
      await putRecord(suite, oneAfterTheOther(FILES, 'begins empty'))
      const { report } = await bisected(suite, ['victim > begins empty', '--reset', 'node reset.mjs'], env)
      expect(report).toMatchObject({
        kind: 'found',
        sentence:
          'tests/victim.test.ts > begins empty fails when tests/flushes.test.ts (whichever of its tests) has run before it.',
        without: { failed: 0 },
      })
    })

    test('without it, what a trial leaves for the next is told from a test that fails alone', async () => {
      await using suite = await projectOf({
        'vitest.config.ts': SANDBOX,
        'reset.mjs': RESET,
        'tests/flushes.test.ts': LEAVES,
        'tests/victim.test.ts': EMPTY,
      })
      await suite.script('reset.mjs', { env }).ended
      await putRecord(suite, oneAfterTheOther(FILES, 'begins empty'))
      const { code, report } = await bisected(suite, ['victim > begins empty'], env)
      expect(report).toMatchObject({ kind: 'outlived', causes: [] })
      expect(code).toBe(1)
    })

    test('a command that cannot clean ends the search with what to do', async () => {
      await using suite = await projectOf({ 'tests/victim.test.ts': EMPTY })
      await putRecord(suite, oneAfterTheOther(FILES, 'begins empty'))
      await expect(bisected(suite, ['victim > begins empty', '--reset', 'exit 3'], env)).rejects.toThrow(
        'ended with status 3',
      )
    })
  },
)
