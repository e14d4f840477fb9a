import { once } from 'node:events'
import type { OpenInstance } from '@vitest-lanes/core'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { describe, expect, test, vi } from 'vitest'
import { closing, clusterOf, placesIn, sentinelClient } from './clients.ts'
import { connect, startRedis, withoutNative } from './engines.ts'

describe.skipIf(withoutNative !== undefined)(`a cluster (${withoutNative ?? 'native'})`, () => {
  test('has three masters, and each instance its own', async () => {
    await using started = await startRedis({ servers: 'cluster' })
    const [one, two] = await Promise.all([started.open(1), started.open(2)])
    expect(started.source).toMatch(/^native (redis|valkey)-server \S+, cluster$/)
    expect(placesIn(one.env['REDIS_NODES'])).toHaveLength(3)
    expect(one.env['REDIS_CLUSTER_NODES']).toBe(one.env['REDIS_NODES'])
    expect(one.env['REDIS_NODES']?.split(',')[0]).toBe(`${one.env['REDIS_HOST']}:${one.env['REDIS_PORT']}`)
    using a = clusterOf(one.env)
    using b = clusterOf(two.env)
    await Promise.all(Array.from({ length: 50 }, (_, i) => a.set(`key${i}`, 'value')))
    const sizes = await Promise.all(a.nodes('master').map((node) => node.dbsize()))
    expect(sizes).toHaveLength(3)
    expect(sizes.every((size) => size > 0)).toBe(true)
    expect(await b.get('key1')).toBeNull()
  })

  test('BullMQ works on it, with a prefix in braces', async () => {
    await using started = await startRedis({ servers: 'cluster' })
    const instance = await started.open()
    using forQueue = clusterOf(instance.env)
    const prefix = '{bull}'
    const queue = new Queue('sums', { connection: forQueue, prefix })
    // Its blocking connection must wait for as long as it takes.
    using forWorker = clusterOf(instance.env)
    forWorker.options.redisOptions = { ...forWorker.options.redisOptions, maxRetriesPerRequest: null }
    const worker = new Worker('sums', async (job) => job.data.a + job.data.b, {
      connection: forWorker,
      prefix,
    })
    const result = once(worker, 'completed')
    const { id } = await queue.add('sum', { a: 1, b: 2 })
    const [, value] = await result
    expect([id, value]).toEqual(['1', 3])
    expect(await queue.getCompletedCount()).toBe(1)
    await worker.close()
    await queue.close()
  })

  test('a reset empties every node, restores its settings and drops its connections', async () => {
    await using started = await startRedis({ servers: 'cluster' })
    const instance = await started.open()
    using dirty = clusterOf(instance.env)
    await Promise.all(Array.from({ length: 50 }, (_, i) => dirty.set(`key${i}`, 'value')))
    for (const node of dirty.nodes('master')) await node.config('SET', 'notify-keyspace-events', 'KEA')
    const [found] = (await instance.inspect?.()) ?? []
    expect(found?.message).toMatch(/^\d+ connections to redis left open/)
    await instance.reset?.()
    expect(await instance.inspect?.()).toEqual([])
    using clean = clusterOf(instance.env)
    await clean.ping()
    for (const node of clean.nodes('master')) {
      expect(await node.dbsize()).toBe(0)
      expect(await node.config('GET', 'notify-keyspace-events')).toEqual(['notify-keyspace-events', ''])
    }
    expect(await clean.set('key', 'value')).toBe('OK')
  })

  test('one whose slots were moved is not handed out again', async () => {
    await using started = await startRedis({ servers: 'cluster' })
    const instance = await started.open()
    using first = connect(instance)
    await first.call('CLUSTER', 'DELSLOTS', '0')
    await expect(instance.reset?.()).rejects.toThrow('slots of the cluster were changed')
  })

  test('a node that dies is told, and none is left when it is disposed of', async () => {
    await using started = await startRedis({ servers: 'cluster' })
    const instance = await started.open()
    const last = placesIn(instance.env['REDIS_NODES']).at(-1)
    const password = instance.env['REDIS_PASSWORD'] ?? ''
    using node = closing(new Redis({ ...last, password, retryStrategy: () => null }))
    node.shutdown('NOSAVE').catch(() => undefined)
    expect(await instance.lost).toMatch(/^The server of redis 1 has died: it ended/)
    await instance.dispose()
    using first = connect(instance)
    await expect(first.ping()).rejects.toThrow(/closed|ECONNREFUSED/)
  })
})

describe.skipIf(withoutNative !== undefined)(`a sentinel (${withoutNative ?? 'native'})`, () => {
  test('knows the master of its own instance, and asks for a password', async () => {
    await using started = await startRedis({ servers: 'sentinel' })
    const [one, two] = await Promise.all([started.open(1), started.open(2)])
    expect(started.source).toMatch(/, sentinel$/)
    using a = sentinelClient(one.env)
    using b = sentinelClient(two.env)
    await a.set('key', 'value')
    expect(await b.get('key')).toBeNull()
    using direct = connect(one)
    expect(await direct.get('key')).toBe('value')
    const [place] = placesIn(one.env['REDIS_SENTINELS'])
    using stranger = closing(new Redis({ ...place, retryStrategy: () => null }))
    await expect(stranger.call('SENTINEL', 'MASTERS')).rejects.toThrow('NOAUTH')
  })

  test('a reset empties the master and makes the sentinel as new, on the same port', async () => {
    await using started = await startRedis({ servers: 'sentinel' })
    const instance = await started.open()
    using dirty = sentinelClient(instance.env)
    await dirty.set('key', 'value')
    const [place] = placesIn(instance.env['REDIS_SENTINELS'])
    const sentinel = { ...place, password: instance.env['REDIS_SENTINEL_PASSWORD'] ?? '' }
    using meddler = closing(new Redis({ ...sentinel, retryStrategy: () => null }))
    await meddler.call('SENTINEL', 'REMOVE', 'mymaster')
    const [found] = (await instance.inspect?.()) ?? []
    expect(found?.message).toMatch(/^2 connections to redis left open/)
    await instance.reset?.()
    expect(await instance.inspect?.()).toEqual([])
    using clean = sentinelClient(instance.env)
    expect(await clean.dbsize()).toBe(0)
  })

  test('one that dies is told', async () => {
    await using started = await startRedis({ servers: 'sentinel' })
    const instance = await started.open()
    const [place] = placesIn(instance.env['REDIS_SENTINELS'])
    const password = instance.env['REDIS_SENTINEL_PASSWORD'] ?? ''
    using client = closing(new Redis({ ...place, password, retryStrategy: () => null }))
    client.call('SHUTDOWN', 'NOSAVE').catch(() => undefined)
    expect(await instance.lost).toMatch(/^The server of redis 1 has died: it ended/)
  })
})

test.each(['cluster', 'sentinel'] as const)(
  'where the embedded server is forced, a %s is refused with what to do',
  async (servers) => {
    vi.stubEnv('VITEST_LANES_ENGINE', 'embedded')
    const start = startRedis({ servers })
    await expect(start).rejects.toMatchObject({
      code: 'LANES_SERVER_MISSING',
      message: expect.stringContaining('leave VITEST_LANES_ENGINE unset or native'),
    })
    vi.unstubAllEnvs()
  },
)

const urlOf = ({ env }: OpenInstance) => (env['REDIS_URL'] ?? '').replace(/\/0$/, '')

describe.skipIf(withoutNative !== undefined)(`a cluster that is named (${withoutNative ?? 'native'})`, () => {
  test('serves a prefix an instance, in braces, enforced on every node, and nothing is left of a run', async () => {
    await using servers = await startRedis({ servers: 'cluster' })
    const named = await servers.open()
    using owner = clusterOf(named.env)
    await Promise.all(Array.from({ length: 20 }, (_, i) => owner.set(`foreign${i}`, 'theirs')))
    {
      await using started = await startRedis({ server: urlOf(named), isolation: 'prefix' })
      const [one, two] = [await started.open(1), await started.open(2)]
      const prefix = one.env['REDIS_PREFIX'] ?? ''
      expect(prefix).toMatch(/^\{vl-.*\}$/)
      expect(placesIn(one.env['REDIS_NODES'])).toHaveLength(3)
      using client = clusterOf(one.env)
      expect(await client.mset(`${prefix}:a`, '1', `${prefix}:b`, '2')).toBe('OK')
      await expect(client.set(`${two.env['REDIS_PREFIX']}:key`, 'value')).rejects.toThrow('NOPERM')
      for (let i = 0; i < 20; i++) await expect(client.get(`foreign${i}`)).rejects.toThrow('NOPERM')
      await one.reset?.()
      expect(await client.exists(`${prefix}:a`, `${prefix}:b`)).toBe(0)
      await client.set(`${prefix}:left`, 'over')
    }
    const left = await Promise.all(
      owner
        .nodes('master')
        .map(async (node) => [await node.keys('*'), await node.call('ACL', 'USERS')] as const),
    )
    expect(left.flatMap(([keys]) => keys).filter((key) => !key.startsWith('foreign'))).toEqual([])
    expect(left.flatMap(([, users]) => users)).toEqual(Array(3).fill('default'))
    expect(left.flatMap(([keys]) => keys)).toHaveLength(20)
  })

  test('BullMQ works within its prefix', async () => {
    await using servers = await startRedis({ servers: 'cluster' })
    await using started = await startRedis({ server: urlOf(await servers.open()), isolation: 'prefix' })
    const { env } = await started.open()
    using connection = clusterOf(env)
    const queue = new Queue('sums', { connection, prefix: env['REDIS_PREFIX'] ?? '' })
    const { id } = await queue.add('sum', {})
    expect([id, await queue.getWaitingCount()]).toEqual(['1', 1])
    await queue.close()
  })

  test('refuses a database an instance, since it has one only', async () => {
    await using servers = await startRedis({ servers: 'cluster' })
    await expect(startRedis({ server: urlOf(await servers.open()) })).rejects.toMatchObject({
      code: 'LANES_SERVER_START',
      message: expect.stringContaining("Add isolation: 'prefix'"),
    })
  })
})
