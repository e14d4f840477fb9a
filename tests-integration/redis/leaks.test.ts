import { once } from 'node:events'
import type { Finding, OpenInstance } from '@vitest-lanes/core'
import { Queue, QueueEvents, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { connect, describeEngines, describeServers, startRedis, startServer } from './engines.ts'

const connection = (instance: OpenInstance) => ({ url: instance.env['REDIS_URL'] ?? '' })
const inspect = async (instance: OpenInstance): Promise<readonly Finding[]> =>
  (await instance.inspect?.({ path: import.meta.filename, openerOf: () => undefined })) ?? []
/** The port on its own side. */
const portOf = (client: Redis) => Number(Object(client).stream.localPort)
const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind)

describeEngines((engine) => {
  test('a file that closes its clients, queues and workers, and deletes its keys, leaves nothing to tell', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    const queue = new Queue('mails', { connection: connection(instance), prefix: 'app' })
    const events = new QueueEvents('mails', { connection: connection(instance), prefix: 'app' })
    const worker = new Worker('mails', async () => 1, { connection: connection(instance), prefix: 'app' })
    await events.waitUntilReady()
    const job = await queue.add('welcome', {})
    expect(await job.waitUntilFinished(events)).toBe(1)
    using client = connect(instance)
    await client.multi().set('key', 1).del('key').flushdb().exec()
    await queue.add('later', {}, { delay: 60_000 })
    await worker.close()
    await events.close()
    await queue.close()
    client.disconnect()

    expect(await inspect(instance)).toEqual([])
  })

  test('a worker that waits, a reader of events and a plain client are told apart', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    const events = new QueueEvents('mails', { connection: connection(instance) })
    const worker = new Worker('mails', async () => 1, { connection: connection(instance), name: 'first' })
    using client = connect(instance)
    await Promise.all([events.waitUntilReady(), worker.waitUntilReady(), client.get('key')])

    const findings = await inspect(instance)
    await Promise.all([events.close(), worker.close()])

    expect(kinds(findings)).toEqual(['redis-worker-open', 'redis-queue-events-open', 'redis-connection-open'])
    expect(findings.map(({ message }) => message).join('\n')).toMatch(
      /worker of queue mails is.*\n.*QueueEvents reader of queue mails is.*\n1 connection to redis left open/,
    )
    client.disconnect()
    expect(await inspect(instance)).toEqual([])
  })

  test('jobs that are still active are told, with their queue and ids', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    const queue = new Queue('mails', { connection: connection(instance), prefix: 'app' })
    const worker = new Worker('mails', () => new Promise(() => {}), {
      connection: connection(instance),
      prefix: 'app',
    })
    const active = once(worker, 'active')
    await queue.add('welcome', {}, { jobId: 'job-one' })
    await active
    await worker.close(true)
    await queue.close()

    expect(await inspect(instance)).toEqual([
      {
        kind: 'redis-jobs-active',
        message: '1 job of queue mails still active: job-one.',
        resource: 'redis',
      },
    ])
  })

  test('keys that are left are told, in every database, without those of the fixtures', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    await client.mset('a', 1, 'b:c', 2, 'vl-0123456789abcdef-1:key', 3)
    await client.select(3)
    await client.set('d', 4)
    client.disconnect()

    const [finding, ...others] = await inspect(instance)

    expect(others).toEqual([])
    expect(finding?.kind).toBe('redis-keys-left')
    expect(finding?.message).toMatch(/^3 keys left in redis: /)
    for (const key of ['a', 'b:c', 'd']) expect(finding?.message).toContain(key)
  })

  test('of very many keys, some are looked at', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    const pairs = Array.from({ length: 20_000 }, (_, index) => [`key-${index}`, '1']).flat()
    await client.mset(...pairs)
    client.disconnect()

    expect((await inspect(instance)).map(({ message }) => message)).toEqual([
      expect.stringMatching(/^At least \d+ keys left in redis: key-\d+, key-\d+, key-\d+, and \d+ more\.$/),
    ])
  })

  test('settings, functions, FLUSHALL, SCRIPT FLUSH and obliterate are told, and forgotten by a reset', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    const queue = new Queue('mails', { connection: connection(instance) })
    await queue.add('welcome', {})
    await queue.obliterate()
    await queue.close()
    using client = connect(instance)
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    await client.function('LOAD', "#!lua name=mine\nredis.register_function('f', function() return 1 end)")

    const before = kinds(await inspect(instance))
    await client.script('FLUSH')
    await client.flushall()
    client.disconnect()
    const after = await inspect(instance)

    expect(before).toContain('redis-obliterate-used')
    expect(kinds(after)).toEqual([
      'redis-config-changed',
      'redis-functions-left',
      'redis-scripts-flushed',
      'redis-flushall-used',
    ])
    expect(after[0]?.message).toBe('Changed on the server of redis, and not back: maxmemory-policy.')
    await instance.reset?.()
    expect(await inspect(instance)).toEqual([])
  })

  test('who opened a connection is named, by the port that it comes from', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    await client.ping()
    const port = portOf(client)

    const findings = await instance.inspect?.({
      path: import.meta.filename,
      openerOf: (from) => (from === port ? { test: 'sends a mail', place: 'src/queue.ts:12' } : undefined),
    })

    expect(findings).toEqual([
      {
        kind: 'redis-connection-open',
        message:
          "1 connection to redis left open, opened at src/queue.ts:12 in 'sends a mail'; last command: ping.",
        resource: 'redis',
        test: 'sends a mail',
        place: 'src/queue.ts:12',
      },
    ])
  })
})

const serverOf = (instance: OpenInstance) => (instance.env['REDIS_URL'] ?? '').replace(/\/0$/, '')

describeServers((kind) => {
  test.each(['database', 'prefix'] as const)(
    'on a named server, with a %s each, the connections of that instance are told, and nothing else',
    async (isolation) => {
      await using servers = await startServer(kind)
      const server = await servers.open()
      using foreign = connect(server)
      await foreign.set('foreign', 'theirs')
      await using started = await startRedis({ server: serverOf(server), isolation })
      const [one, other] = [await started.open(1), await started.open(2)]
      using client = connect(one)
      await client.set(`${one.env['REDIS_PREFIX'] ?? ''}:left`, '1')

      expect(kinds(await inspect(one))).toEqual(['redis-connection-open'])
      expect(await inspect(other)).toEqual([])
      client.disconnect()
      await expect.poll(() => inspect(one)).toEqual([])
    },
  )

  test('on a named server that lets us make no users, nothing is told of a prefix', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    using owner = connect(server)
    await owner.call('ACL', 'SETUSER', 'humble', 'on', '>secret', '~*', '&*', '+@all', '-acl')
    const humble = `redis://humble:secret@127.0.0.1:${server.env['REDIS_PORT']}`
    await using started = await startRedis({ server: humble, isolation: 'prefix' })
    const instance = await started.open()
    using client = connect(instance)
    await client.ping()

    expect(await inspect(instance)).toEqual([])
  })
})
