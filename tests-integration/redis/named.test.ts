import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { OpenInstance } from '@vitest-lanes/core'
import { expect, test } from 'vitest'
import { connect, describeEngines, describeServers, startRedis, startServer } from './engines.ts'

/** All that is in a server, expiry included: by database and key, as `DUMP` and `PEXPIRETIME` give it. */
async function contents(server: OpenInstance): Promise<Record<string, string>> {
  using client = connect(server)
  const found: Record<string, string> = {}
  for (let db = 0; db < 16; db++) {
    await client.select(db)
    for (const key of await client.keys('*')) {
      const [dump, expiry] = await Promise.all([client.dumpBuffer(key), client.call('PEXPIRETIME', key)])
      found[`${db} ${key}`] = `${dump?.toString('hex')} ${String(expiry)}`
    }
  }
  return found
}

/** Puts something foreign into databases. */
async function fill(server: OpenInstance, databases: readonly number[]): Promise<void> {
  using client = connect(server)
  for (const db of databases) {
    await client.select(db)
    await client.set('vitest-lanes-like', 'theirs')
    await client.hset('hash', { a: 1, 'ö %_"': '\0' })
    await client.set('soon', 'gone', 'EX', 100_000)
  }
}

const url = (server: OpenInstance) => (server.env['REDIS_URL'] ?? '').replace(/\/0$/, '')
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describeServers((kind) => {
  test('each instance has a database of its own, and each is empty', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    await using started = await startRedis({ server: url(server) })
    const instances = await Promise.all([1, 2, 3, 4].map((number) => started.open(number)))
    expect(new Set(instances.map(({ env }) => env['REDIS_DB'])).size).toBe(4)
    for (const instance of instances) {
      using client = connect(instance)
      expect(await client.dbsize()).toBe(0)
      await client.set('key', instance.env['REDIS_DB'] ?? '')
    }
    for (const instance of instances) {
      using client = connect(instance)
      expect(await client.get('key')).toBe(instance.env['REDIS_DB'])
    }
    expect(started.log).toEqual([expect.stringMatching(/one logical database an instance$/)])
  })

  test('a reset empties that database alone', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    await fill(server, [0, 5])
    const before = await contents(server)
    {
      await using started = await startRedis({ server: url(server) })
      const [one, two] = [await started.open(1), await started.open(2)]
      using first = connect(one)
      using second = connect(two)
      await first.set('key', 'value')
      await second.set('key', 'value')
      await one.reset?.()
      expect(await first.dbsize()).toBe(0)
      expect(await second.get('key')).toBe('value')
    }
    expect(await contents(server)).toEqual(before)
  })

  test('what is foreign is the same after a run, and nothing of ours is left', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    await fill(server, range(0, 13))
    const before = await contents(server)
    {
      await using started = await startRedis({ server: url(server) })
      using client = connect(await started.open())
      for (let i = 0; i < 100; i++) await client.set(`key${i}`, 'value')
    }
    expect(await contents(server)).toEqual(before)
  })

  test('too few free databases give fewer instances, said once', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    await fill(server, range(0, 13))
    const provider = await startRedis({ server: url(server) }, 8)
    await using started = provider
    expect(started.log).toEqual([expect.stringContaining('2 of 8 databases free')])
    await started.open(1)
    await started.open(2)
    await expect(started.provider.open({ number: 3, mode: 'exclusive' })).rejects.toMatchObject({
      code: 'LANES_PROVIDER_OPEN',
    })
  })

  test.each([15, 16])(
    '%i full databases of 16 leave no room, which is an error that says what to do',
    async (count) => {
      await using servers = await startServer(kind)
      const server = await servers.open()
      await fill(server, range(0, count))
      const before = await contents(server)
      await expect(startRedis({ server: url(server) })).rejects.toMatchObject({
        code: 'LANES_SERVER_START',
        message: expect.stringContaining(`has no free logical database`),
      })
      expect(await contents(server)).toEqual(before)
    },
  )

  test('runs at the same time never meet', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    const runs = await Promise.all(range(0, 4).map(() => startRedis({ server: url(server) }, 3)))
    try {
      const opened = await Promise.all(runs.flatMap((run) => [1, 2, 3].map((number) => run.open(number))))
      const databases = opened.map(({ env }) => env['REDIS_DB'])
      expect(new Set(databases).size).toBe(12)
    } finally {
      for (const run of runs) await run[Symbol.asyncDispose]()
    }
    expect(await contents(server)).toEqual({})
  })

  test('a database is still ours when a file has flushed it', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    await using one = await startRedis({ server: url(server) }, 1)
    const mine = await one.open()
    using client = connect(mine)
    await client.flushdb()
    await using two = await startRedis({ server: url(server) }, 13)
    const theirs = await Promise.all(range(1, 14).map((number) => two.open(number)))
    expect(theirs.map(({ env }) => env['REDIS_DB'])).not.toContain(mine.env['REDIS_DB'])
    await mine.reset?.()
  })

  test('after a FLUSHALL in a file, the database is no longer taken for ours', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    await using started = await startRedis({ server: url(server) }, 1)
    const instance = await started.open()
    using client = connect(instance)
    await client.flushall()
    await client.set('whose', 'unknown')
    await expect(instance.reset?.()).rejects.toThrow('is no longer ours')
    expect(await client.get('whose')).toBe('unknown')
  })

  test('what a killed run has left is taken over, and emptied; what a live one has is not', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    await fill(server, [3])
    const before = await contents(server)
    const child = spawn(
      process.execPath,
      [path.join(import.meta.dirname, 'fixtures', 'named.mjs'), url(server)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const left: string[] = JSON.parse(String(line))
    await using beside = await startRedis({ server: url(server) }, 1)
    expect(left).not.toContain((await beside.open()).env['REDIS_DB'])
    child.kill('SIGKILL')
    await once(child, 'exit')
    {
      await using after = await startRedis({ server: url(server) }, 14)
      const opened = await Promise.all(range(1, 12).map((number) => after.open(number)))
      expect(opened.map(({ env }) => env['REDIS_DB'])).toEqual(expect.arrayContaining(left))
      for (const instance of opened) {
        using client = connect(instance)
        expect(await client.dbsize()).toBe(0)
      }
    }
    await beside[Symbol.asyncDispose]()
    expect(await contents(server)).toEqual(before)
  })

  test('a wrong password is one error, which does not show it', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    const wrong = `redis://nobody:s3cret@127.0.0.1:${server.env['REDIS_PORT']}`
    const start = startRedis({ server: wrong })
    await expect(start).rejects.toMatchObject({ code: 'LANES_SERVER_START' })
    await expect(start).rejects.toThrow(/^(?![^]*s3cret)[^]*WRONGPASS/)
  })
})

describeEngines((engine) => {
  test('a server that dies is told to who holds an instance', async () => {
    await using servers = await startRedis({ engine })
    const server = await servers.open()
    await using started = await startRedis({ server: url(server) }, 1)
    const instance = await started.open()
    await server.dispose()
    expect(await instance.lost).toContain('broke, and did not come back')
  })
})

test('a server that is not there is one error, and no hang', async () => {
  await expect(startRedis({ server: 'redis://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'LANES_SERVER_START',
    message: expect.stringContaining('Redis at 127.0.0.1:1 cannot be used'),
  })
})

test('a server that accepts and never answers is one error, and no hang', async () => {
  const { createServer } = await import('node:net')
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  await expect(startRedis({ server: `redis://127.0.0.1:${port}` })).rejects.toMatchObject({
    message: expect.stringContaining('no answer within 3 s'),
  })
  silent.close()
})
