import type { OpenInstance } from '@vitest-lanes/core'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, describeEngines, startRedis, type Started } from './engines.ts'

/** The table in `docs/redis.md`: what one instance does that another notices. */
const MODES = ['private', 'database', 'prefix'] as const
type Mode = (typeof MODES)[number]
type Answer = 'apart' | 'shared' | 'refused'

interface Side {
  readonly client: Redis
  readonly key: (name: string) => string
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
    what: 'CONFIG SET',
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
    what: 'CLIENT LIST',
    expected: { private: 'apart', database: 'shared', prefix: 'shared' },
    async notices(one, two) {
      await one.client.client('SETNAME', 'somebody')
      return String(await two.client.client('LIST')).includes('name=somebody')
    },
  },
  {
    what: 'FLUSHDB',
    expected: { private: 'apart', database: 'apart', prefix: 'refused' },
    async notices(one, two) {
      await two.client.set(two.key('key'), 'value')
      await one.client.flushdb()
      return (await two.client.exists(two.key('key'))) === 0
    },
  },
  {
    what: 'FLUSHALL',
    expected: { private: 'apart', database: 'shared', prefix: 'refused' },
    async notices(one, two) {
      await two.client.set(two.key('key'), 'value')
      await one.client.flushall()
      return (await two.client.exists(two.key('key'))) === 0
    },
  },
]

function side(instance: OpenInstance, client: Redis): Side {
  const prefix = instance.env['REDIS_PREFIX']
  return { client, key: (name) => (prefix === undefined ? name : `${prefix}:${name}`) }
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
      started = await start(mode, await servers.open(), engine)
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
