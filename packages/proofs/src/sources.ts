/** Servers that the user names, in place of private ones. */
export interface NamedServers {
  readonly redis: string
  readonly postgres: string
}

/** What the project of a proof consists of, by path. */
export function sources(named?: NamedServers): Readonly<Record<string, string>> {
  return {
    'package.json': '{ "type": "module", "private": true }',
    'vitest.config.js': configuration(named),
    'redis.js': CLIENT,
    'migrations/001_jobs.sql': `
      CREATE TABLE queues (name text PRIMARY KEY);
      CREATE TABLE jobs (id serial PRIMARY KEY, queue text REFERENCES queues, payload jsonb NOT NULL);
      INSERT INTO queues VALUES ('mails'), ('bills');`,
    ...Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`tests/both/${name}.test.js`, usesBoth(name)])),
    'tests/both/e.test.js': usesBoth('e', 300),
    'tests/shared/f.test.js': READS,
  }
}

function configuration(named: NamedServers | undefined): string {
  return `
    import { postgres } from '@vitest-lanes/postgres'
    import { redis } from '@vitest-lanes/redis'
    import { lanes } from 'vitest-lanes'
    export default {
      plugins: [
        lanes({
          lanes: 3,
          resources: {
            redis: redis(${named === undefined ? '' : JSON.stringify({ server: named.redis })}),
            postgres: postgres(${JSON.stringify({ migrate: './migrations', ...(named && { server: named.postgres }) })}),
          },
          files: { 'tests/both/**': ['redis', 'postgres'], 'tests/shared/**': ['redis', 'postgres/shared'] },
        }),
      ],
      test: { testTimeout: 60_000 },
    }`
}

/** Finds its Redis empty and its tables as migrated, and fills both. */
function usesBoth(name: string, busyMs = 50): string {
  return `
    import { setTimeout } from 'node:timers/promises'
    import pg from 'pg'
    import { expect, test } from 'vitest'
    import { connect } from '../../redis.js'
    test('has a clean Redis and a clean database', async () => {
      const redis = connect(process.env.REDIS_URL)
      const client = new pg.Client(process.env.DATABASE_URL)
      await client.connect()
      expect(await redis('DBSIZE')).toBe(':0')
      expect((await client.query('SELECT * FROM jobs')).rows).toEqual([])
      for (let id = 1; id <= 20; id++) {
        await redis('SET ${name}:' + id + ' payload')
        await client.query("INSERT INTO jobs (queue, payload) VALUES ('mails', '{}')")
      }
      await setTimeout(${busyMs})
      expect(await redis('DBSIZE')).toBe(':20')
      expect((await client.query('SELECT max(id) FROM jobs')).rows).toEqual([{ max: 20 }])
      redis.end()
      await client.end()
    })`
}

/** A client in a few lines, since a real one takes as long to load as the test takes to run. One command at a time. */
const CLIENT = `
  import { connect as open } from 'node:net'
  import { createInterface } from 'node:readline'
  export function connect(url) {
    const { hostname, port, username, password, pathname } = new URL(url)
    const socket = open(Number(port), hostname)
    const lines = createInterface(socket)[Symbol.asyncIterator]()
    const send = async (command) => {
      socket.write(command + '\\r\\n')
      const { value = '-closed' } = await lines.next()
      if (value.startsWith('-')) throw new Error(value)
      return value
    }
    const ready = (async () => {
      if (password) await send('AUTH ' + (username || 'default') + ' ' + decodeURIComponent(password))
      await send('SELECT ' + (pathname.slice(1) || 0))
    })()
    return Object.assign(async (command) => (await ready, send(command)), { end: () => socket.end() })
  }`

const READS = `
  import pg from 'pg'
  import { expect, test } from 'vitest'
  test('reads the common database', async () => {
    const client = new pg.Client(process.env.DATABASE_URL)
    await client.connect()
    expect((await client.query('SELECT count(*)::int FROM queues')).rows).toEqual([{ count: 2 }])
    await client.end()
  })`
