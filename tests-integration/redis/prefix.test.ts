import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { OpenInstance } from '@vitest-lanes/core'
import { Queue, Worker } from 'bullmq'
import { expect, test } from 'vitest'
import { connect, describeServers, startRedis, startServer } from './engines.ts'

const url = (server: OpenInstance) => (server.env['REDIS_URL'] ?? '').replace(/\/0$/, '')

/** All keys and users of a server. */
async function contents(server: OpenInstance): Promise<{ keys: Set<string>; users: unknown }> {
  using client = connect(server)
  return { keys: new Set(await client.keys('*')), users: await client.call('ACL', 'USERS') }
}

describeServers((kind) => {
  test('each instance can reach the keys of its prefix, and no other, not even in a script', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    await using started = await startRedis({ server: url(server), isolation: 'prefix' })
    const [one, two] = [await started.open(1), await started.open(2)]
    const prefix = one.env['REDIS_PREFIX'] ?? ''
    expect(two.env['REDIS_PREFIX']).not.toBe(prefix)
    using client = connect(one)
    expect(await client.set(`${prefix}:key`, 'value')).toBe('OK')
    await expect(client.set(`${two.env['REDIS_PREFIX']}:key`, 'value')).rejects.toThrow('NOPERM')
    await expect(client.get('foreign')).rejects.toThrow('NOPERM')
    await expect(client.flushall()).rejects.toThrow('NOPERM')
    await expect(client.eval(`return redis.call('SET', ARGV[1], 'x')`, 0, 'foreign')).rejects.toThrow(
      /permission|NOPERM|can't access/i,
    )
  })

  test('BullMQ works within its prefix, and sees no other', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    await using started = await startRedis({ server: url(server), isolation: 'prefix' })
    const done = [1, 2].map(async (number) => {
      const { env } = await started.open(number)
      const connection = {
        host: env['REDIS_HOST'] ?? '',
        port: Number(env['REDIS_PORT']),
        username: env['REDIS_USERNAME'] ?? '',
        password: env['REDIS_PASSWORD'] ?? '',
        maxRetriesPerRequest: null,
      }
      const prefix = env['REDIS_PREFIX'] ?? ''
      const queue = new Queue('mails', { connection, prefix })
      const worker = new Worker('mails', async (job) => `${number}: ${job.data.text}`, { connection, prefix })
      const result = once(worker, 'completed')
      const job = await queue.add('mail', { text: 'hello' })
      const [, value] = await result
      await worker.close()
      await queue.close()
      return [job.id, value]
    })
    expect(await Promise.all(done)).toEqual([
      ['1', '1: hello'],
      ['1', '2: hello'],
    ])
  })

  test('a reset deletes the keys of that prefix alone', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    using owner = connect(server)
    await owner.set('vl-foreign', 'theirs')
    await using started = await startRedis({ server: url(server), isolation: 'prefix' })
    const [one, two] = [await started.open(1), await started.open(2)]
    for (const { env } of [one, two]) {
      const pipeline = owner.pipeline()
      for (let i = 0; i < 3_000; i++) pipeline.set(`${env['REDIS_PREFIX']}:${i}`, 'value')
      await pipeline.exec()
    }
    await one.reset?.()
    const left = await owner.keys('vl-*')
    expect(left.filter((key) => key.startsWith(`${one.env['REDIS_PREFIX']}:`))).toEqual([])
    expect(left).toHaveLength(3_000 + 1)
    expect(left).toContain('vl-foreign')
  })

  test('after a run nothing of ours is left: no key, no user, no note', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    {
      using owner = connect(server)
      await owner.set('foreign', 'theirs')
      await owner.call('ACL', 'SETUSER', 'vl-someone', 'on', 'nopass')
    }
    const before = await contents(server)
    {
      await using started = await startRedis({ server: url(server), isolation: 'prefix' })
      const { env } = await started.open()
      using client = connect({ env, dispose: async () => undefined })
      await client.set(`${env['REDIS_PREFIX']}:key`, 'value')
    }
    expect(await contents(server)).toEqual(before)
  })

  test('what a killed run has left is deleted by the next; what a live one has is not', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    const before = await contents(server)
    const child = spawn(
      process.execPath,
      [path.join(import.meta.dirname, 'fixtures', 'prefix.mjs'), url(server)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const prefix: string = JSON.parse(String(line))
    {
      await using beside = await startRedis({ server: url(server), isolation: 'prefix' })
      await beside.open()
      expect((await contents(server)).keys).toContain(`${prefix}:left`)
      child.kill('SIGKILL')
      await once(child, 'exit')
      await using after = await startRedis({ server: url(server), isolation: 'prefix' })
      expect((await contents(server)).keys).not.toContain(`${prefix}:left`)
      using client = connect(await after.open())
      expect(await client.ping()).toBe('PONG')
    }
    expect(await contents(server)).toEqual(before)
  })

  test('where no user can be made, that is said, and the prefix still handed over', async () => {
    await using servers = await startServer(kind)
    const server = await servers.open()
    using owner = connect(server)
    await owner.call('ACL', 'SETUSER', 'humble', 'on', '>pass%20 "\'ö', '~*', '&*', '+@all', '-acl')
    const humble = `redis://humble:${encodeURIComponent(`pass%20 "'ö`)}@127.0.0.1:${server.env['REDIS_PORT']}`
    await using started = await startRedis({ server: humble, isolation: 'prefix' })
    const instance = await started.open()
    expect(started.log.at(-1)).toContain('the prefixes are not enforced')
    using client = connect(instance)
    expect(await client.set(`${instance.env['REDIS_PREFIX']}:key`, 'value')).toBe('OK')
    expect(instance.env).toMatchObject({ REDIS_USERNAME: 'humble', REDIS_PASSWORD: `pass%20 "'ö` })
  })
})
