import { readFileSync } from 'node:fs'
import type { OpenInstance } from '@vitest-lanes/core'
import { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closing } from './clients.ts'
import { connect, describeEngines, startRedis, type Started } from './engines.ts'

/** The table in `docs/redis.md`: what one instance does that another notices. */
const MODES = ['private', 'database', 'prefix'] as const
type Mode = (typeof MODES)[number]
type Answer = 'apart' | 'shared' | 'refused'

interface Side {
  readonly client: Redis
  readonly key: (name: string) => string
  readonly prefix: string | undefined
}

interface Cell {
  readonly what: string
  readonly expected: Record<Mode, Answer>
  /** True if `two` notices what `one` did. */
  notices(one: Side, two: Side): Promise<boolean>
}

const CELLS: readonly Cell[] = [
  {
    what: 'keys',
    expected: { private: 'apart', database: 'apart', prefix: 'apart' },
    async notices(one, two) {
      await one.client.set(one.key('key'), 'value')
      return (await two.client.exists(two.key('key'))) === 1
    },
  },
  {
    what: 'the keys of the other, by their full name',
    expected: { private: 'apart', database: 'apart', prefix: 'refused' },
    async notices(one, two) {
      await one.client.set(one.key('key'), 'value')
      return (await two.client.exists(one.key('key'))) === 1
    },
  },
  {
    what: 'pub/sub',
    expected: { private: 'apart', database: 'shared', prefix: 'shared' },
    async notices(one, two) {
      await two.client.subscribe('channel')
      return (await one.client.publish('channel', 'hello')) > 0
    },
  },
  {
    what: 'keyspace events',
    expected: { private: 'apart', database: 'shared', prefix: 'shared' },
    async notices(one, two) {
      // A user of one prefix may not: there, the server does so from the start.
      const clients = [one.client, two.client]
      await Promise.allSettled(clients.map((client) => client.config('SET', 'notify-keyspace-events', 'KEA')))
      const heard: string[] = []
      const last = new Promise<void>((resolve) => {
        two.client.on('pmessage', (_, channel: string) => {
          heard.push(channel)
          if (channel === 'last') resolve()
        })
      })
      await two.client.psubscribe('__key*', 'last')
      await one.client.set(one.key('key'), 'value')
      // Comes after all that the other has caused, on its own server too.
      await one.client.publish('last', '')
      using herself = closing(two.client.duplicate())
      await herself.publish('last', '')
      await last
      return heard.some((channel) => channel.startsWith('__key'))
    },
  },
  {
    what: 'scripts',
    expected: { private: 'apart', database: 'shared', prefix: 'shared' },
    async notices(one, two) {
      const sha = String(await one.client.script('LOAD', 'return 1'))
      return String(await two.client.script('EXISTS', sha)) === '1'
    },
  },
  {
    what: 'functions',
    expected: { private: 'apart', database: 'shared', prefix: 'shared' },
    async notices(one, two) {
      await one.client.call(
        'FUNCTION',
        'LOAD',
        `#!lua name=lib\nredis.register_function('f', function() return 1 end)`,
      )
      const listed = await two.client.call('FUNCTION', 'LIST')
      return Array.isArray(listed) && listed.length > 0
    },
  },
  {
    what: '`CONFIG SET`',
    expected: { private: 'apart', database: 'shared', prefix: 'refused' },
    async notices(one, two) {
      await one.client.config('SET', 'slowlog-max-len', '77')
      return String(await two.client.config('GET', 'slowlog-max-len')).includes('77')
    },
  },
  {
    what: 'ACL users',
    expected: { private: 'apart', database: 'shared', prefix: 'refused' },
    async notices(one, two) {
      await one.client.call('ACL', 'SETUSER', 'guest', 'on', 'nopass')
      return String(await two.client.call('ACL', 'USERS')).includes('guest')
    },
  },
  {
    what: '`CLIENT LIST`',
    expected: { private: 'apart', database: 'shared', prefix: 'shared' },
    async notices(one, two) {
      await one.client.client('SETNAME', 'somebody')
      return String(await two.client.client('LIST')).includes('name=somebody')
    },
  },
  {
    what: "BullMQ's `getWorkers()`",
    expected: { private: 'apart', database: 'shared', prefix: 'apart' },
    async notices(one, two) {
      const worker = new Worker('mails', async () => undefined, bullOf(one))
      await worker.waitUntilReady()
      const queue = new Queue('mails', bullOf(two))
      const workers = await queue.getWorkers()
      await worker.close()
      await queue.close()
      return workers.length > 0
    },
  },
  {
    what: '`FLUSHDB`',
    expected: { private: 'apart', database: 'apart', prefix: 'refused' },
    async notices(one, two) {
      await two.client.set(two.key('key'), 'value')
      await one.client.flushdb()
      return (await two.client.exists(two.key('key'))) === 0
    },
  },
  {
    what: '`FLUSHALL`',
    expected: { private: 'apart', database: 'shared', prefix: 'refused' },
    async notices(one, two) {
      await two.client.set(two.key('key'), 'value')
      await one.client.flushall()
      return (await two.client.exists(two.key('key'))) === 0
    },
  },
]

/** Connection and prefix for BullMQ. */
function bullOf({ client, prefix }: Side) {
  return {
    connection: { ...client.options, maxRetriesPerRequest: null },
    ...(prefix !== undefined && { prefix }),
  }
}

/** The table of the docs, by line and column. */
const docs = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8')
const table = docs
  .slice(docs.indexOf('## What is isolated'))
  .split('\n')
  .filter((line) => /\| \**(?:apart|shared|refused)\b/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('**', '')))

test('the table of the docs is what is tested here', () => {
  const tested = CELLS.map(({ what, expected }) => ['', what, ...MODES.map((mode) => expected[mode]), ''])
  expect(table).toEqual(tested)
})

function side(instance: OpenInstance, client: Redis): Side {
  const prefix = instance.env['REDIS_PREFIX']
  return { client, prefix, key: (name) => (prefix === undefined ? name : `${prefix}:${name}`) }
}

function start(mode: Mode, server: OpenInstance, engine: 'native' | 'embedded'): Promise<Started> {
  if (mode === 'private') return startRedis({ engine })
  return startRedis({ server: (server.env['REDIS_URL'] ?? '').replace(/\/0$/, ''), isolation: mode })
}

describeEngines((engine) => {
  describe.for(MODES)('%s', (mode) => {
    let servers: Started
    let started: Started
    beforeAll(async () => {
      servers = await startRedis({ engine })
      const server = await servers.open()
      using owner = connect(server)
      await owner.config('SET', 'notify-keyspace-events', 'KEA')
      started = await start(mode, server, engine)
    })
    afterAll(async () => {
      await started[Symbol.asyncDispose]()
      await servers[Symbol.asyncDispose]()
    })

    // `FLUSHALL` comes last, since a named server forgets with it what is ours.
    test.for(CELLS)('$what', async (cell) => {
      const [one, two] = [await started.open(1), await started.open(2)]
      using a = connect(one)
      using b = connect(two)
      const answer: Answer = await cell.notices(side(one, a), side(two, b)).then(
        (noticed) => (noticed ? 'shared' : 'apart'),
        (error: Error) => {
          expect(error.message).toContain('NOPERM')
          return 'refused'
        },
      )
      expect(answer).toBe(cell.expected[mode])
      await Promise.all([one.dispose(), two.dispose()])
    })
  })
})
