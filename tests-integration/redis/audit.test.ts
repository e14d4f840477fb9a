import type { FootprintPart, OpenInstance } from '@vitest-lanes/core'
import { Queue, QueueEvents, Worker } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { connect, describeEngines, startRedis, withoutNative } from './engines.ts'

/** What was seen of some work, as `write key a`. */
async function seenOf(instance: OpenInstance, work: () => Promise<unknown>): Promise<string[]> {
  const { uses } = await partOf(instance, work)
  return uses.map(({ kind, name, mode }) => `${mode} ${kind} ${name}`).sort()
}

async function partOf(instance: OpenInstance, work: () => Promise<unknown>): Promise<FootprintPart> {
  const watching = await instance.watch!()
  await work()
  return watching.stop()
}

describeEngines((engine) => {
  test('keys that clients read and write are seen, those within scripts too', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    await client.set('before', 1)

    const seen = await seenOf(instance, async () => {
      await client.mset('a', 1, 'b', 2)
      await client.get('before')
      await client.zunionstore('sum', 2, 'one', 'two')
      await client.xread('STREAMS', 'events', '0')
      await client.eval("redis.call('GET', KEYS[1]); redis.call('SET', 'inner', 1)", 1, 'outer')
      await client.select(1)
      await client.incr('counter')
    })

    expect(seen.filter((use) => !use.includes('script'))).toEqual([
      'read key before',
      'read key events',
      'read key one',
      'read key outer',
      'read key two',
      'write key a',
      'write key b',
      'write key db1 counter',
      'write key inner',
      'write key sum',
    ])
  })

  test('channels are seen, and commands that act on the whole server, those that no monitor shows too', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    using listener = connect(instance)

    const seen = await seenOf(instance, async () => {
      await listener.ping()
      await listener.subscribe('news')
      await listener.psubscribe('news.*')
      await client.publish('others', 'hello')
      await client.keys('*')
      await client.keys('user:*')
      await client.config('SET', 'maxmemory-policy', 'noeviction')
      await client.call('CLIENT', 'LIST')
      await client.flushdb()
      await client.call('SCRIPT', 'FLUSH')
      await client.flushall()
    })

    expect(seen).toEqual([
      'all server CONFIG SET',
      'all server FLUSHALL',
      'all server FLUSHDB',
      'any server CLIENT LIST',
      'any server KEYS *',
      'read channel news',
      'read channel news.*',
      'read key user:*',
      'write channel others',
      'write script *',
    ])
  })

  test('what the provider does itself meanwhile is not the file’s', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    await client.ping()
    const file = { path: import.meta.filename, openerOf: () => undefined }

    expect(await seenOf(instance, async () => instance.inspect?.(file))).toEqual([])
    expect(
      await seenOf(instance, async () => {
        await client.set('mine', 1)
        await instance.inspect?.(file)
      }),
    ).toEqual(['write key mine'])
  })

  test('to watch is no leak, and an instance that was watched can be cleaned and used again', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    const watching = await instance.watch!()
    expect(await instance.inspect?.({ path: import.meta.filename, openerOf: () => undefined })).toEqual([])
    await watching.stop()
    await instance.reset?.()
    using client = connect(instance)
    expect(await seenOf(instance, () => client.set('again', 1))).toEqual(['write key again'])
  })

  test('who only connects has used the server', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    const seen = await seenOf(instance, async () => {
      using client = connect(instance)
      await client.ping()
    })
    expect(seen).toEqual(['read server a connection'])
  })

  test('queues of BullMQ are seen as queues', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    const connection = { url: instance.env['REDIS_URL'] ?? '' }
    const seen = await seenOf(instance, async () => {
      const queue = new Queue('mails', { connection, prefix: 'app' })
      const events = new QueueEvents('mails', { connection, prefix: 'app' })
      const worker = new Worker('mails', async () => 1, { connection, prefix: 'app' })
      await events.waitUntilReady()
      const job = await queue.add('welcome', {})
      await job.waitUntilFinished(events)
      await Promise.all([worker.close(), events.close()])
      await queue.close()
    })
    expect(seen.filter((use) => !use.includes('script'))).toEqual(
      expect.arrayContaining(['write key app:mails:*', 'write queue app:mails']),
    )
    expect(seen.filter((use) => use.startsWith('write key'))).toEqual(['write key app:mails:*'])
  })

  test('a file that cuts the connection which watches is told to be seen in part', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    const part = await partOf(instance, async () => {
      using client = connect(instance)
      await client.set('first', 1)
      await client.call('CLIENT', 'KILL', 'SKIPME', 'yes')
    })
    expect(part.unseen?.join('\n')).toMatch(/connection that watched was cut|does not answer/)
    expect(part.uses).toContainEqual({ kind: 'key', name: 'first', mode: 'write' })
  })
})

describe.skipIf(withoutNative !== undefined)('a server that the user names', () => {
  test('is watched for the file’s own database alone, and the footprint says what cannot be told apart', async () => {
    await using host = await startRedis({ engine: 'native' })
    const theirs = await host.open()
    await using started = await startRedis({ server: theirs.env['REDIS_URL']!.replace(/\/0$/, '') })
    const [one, other] = [await started.open(1), await started.open(2)]
    using client = connect(one)
    using neighbour = connect(other)
    const part = await partOf(one, async () => {
      await client.set('mine', 1)
      await neighbour.set('theirs', 1)
    })
    expect(part.uses).toEqual([{ kind: 'key', name: 'mine', mode: 'write' }])
    expect(part.unseen).toEqual([expect.stringMatching(/others may use the server/)])
  })

  test('by prefix is watched for the file’s own prefix, which its footprint does not show', async () => {
    await using host = await startRedis({ engine: 'native' })
    const theirs = await host.open()
    await using started = await startRedis({
      server: theirs.env['REDIS_URL']!.replace(/\/0$/, ''),
      isolation: 'prefix',
    })
    const instance = await started.open()
    using client = connect(instance)
    const part = await partOf(instance, () => client.set(`${instance.env['REDIS_PREFIX']}:mine`, 1))
    expect(part.uses).toEqual([{ kind: 'key', name: 'mine', mode: 'write' }])
  })

  test('that refuses to be monitored leaves a footprint that says so', async () => {
    await using host = await startRedis({ engine: 'native' })
    const theirs = await host.open()
    using admin = connect(theirs)
    await admin.call('ACL', 'SETUSER', 'plain', 'on', '>secret', '~*', '&*', '+@all', '-monitor')
    const url = new URL(theirs.env['REDIS_URL']!)
    await using started = await startRedis({ server: `redis://plain:secret@${url.host}` })
    const instance = await started.open()
    using client = connect(instance)
    const part = await partOf(instance, () => client.set('mine', 1))
    expect(part.uses).toEqual([])
    expect(part.unseen?.join('\n')).toMatch(/MONITOR is refused/)
  })
})
