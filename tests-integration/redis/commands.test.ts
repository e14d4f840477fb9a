import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { expect, test } from 'vitest'
import { connect, describeEngines, startRedis } from './engines.ts'

describeEngines((engine) => {
  test('values of any size and content come back as they went', async () => {
    await using started = await startRedis({ engine })
    using client = connect(await started.open())
    for (const size of [0, 1, 16_383, 16_384, 16_385, 1_000_000, 40_000_000]) {
      const value = Buffer.alloc(size, 'a\0\r\n$é')
      await client.set('key', value)
      const back = await client.getBuffer('key')
      expect(back?.equals(value), `${size} bytes`).toBe(true)
    }
  })

  test('10,000 commands in one pipeline are all answered, in order', async () => {
    await using started = await startRedis({ engine })
    using client = connect(await started.open())
    const pipeline = client.pipeline()
    for (let i = 0; i < 10_000; i++) pipeline.incr('counter')
    const replies = await pipeline.exec()
    expect(replies?.map(([, reply]) => reply)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1))
  })

  test('scripts call commands, fail as themselves, and find cjson, cmsgpack, struct and bit', async () => {
    await using started = await startRedis({ engine })
    using client = connect(await started.open())
    const packed = `local t = cmsgpack.unpack(cmsgpack.pack({1, 'two', {three = 3}}))
      return cjson.encode({t[1], t[2], t[3].three, struct.unpack('>I', struct.pack('>I', 7)), bit.band(12, 10)})`
    expect(await client.eval(packed, 0)).toBe('[1,"two",3,7,8]')
    await expect(client.eval(`return redis.call('HGET', KEYS[1])`, 1, 'key')).rejects.toThrow(
      'Wrong number of args',
    )
    await expect(client.eval(`error('my own')`, 0)).rejects.toThrow('my own')
    expect(await client.eval(`local ok = pcall(function() error('x') end); return tostring(ok)`, 0)).toBe(
      'false',
    )
    await expect(client.eval('local function f(n) return 1 + f(n + 1) end; return f(1)', 0)).rejects.toThrow(
      'stack overflow',
    )
    expect(await client.ping()).toBe('PONG')
  })

  test('subscribers hear what is published, and patterns too', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using subscriber = connect(instance)
    using publisher = connect(instance)
    const heard: string[] = []
    const all = new Promise<void>((resolve) => {
      subscriber.on('message', (channel, message) => heard.push(`${channel} ${message}`))
      subscriber.on('pmessage', (pattern, channel, message) => {
        heard.push(`${pattern} ${channel} ${message}`)
        resolve()
      })
    })
    await subscriber.subscribe('news')
    await subscriber.psubscribe('w*')
    expect(await publisher.publish('news', 'one')).toBe(1)
    expect(await publisher.publish('weather', 'two')).toBe(1)
    await all
    expect(heard).toEqual(['news one', 'w* weather two'])
  })

  test('keyspace events are sent, expiry among them', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using subscriber = connect(instance)
    using client = connect(instance)
    await client.config('SET', 'notify-keyspace-events', 'Ex')
    // See `instances share nothing` in provider.test.ts.
    await subscriber.ping()
    await subscriber.subscribe('__keyevent@0__:expired')
    const expired = once(subscriber, 'message')
    await client.set('key', 'value', 'PX', 20)
    expect(await expired).toEqual(['__keyevent@0__:expired', 'key'])
  })

  test('blocking commands wait, are woken by others, and time out', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    const waiters = Array.from({ length: 20 }, () => connect(instance))
    const popped = Promise.all(waiters.map((waiter) => waiter.blpop('list', 0)))
    await Promise.all(Array.from({ length: 20 }, (_, i) => client.rpush('list', String(i))))
    const values = (await popped).map((reply) => Number(reply?.[1]))
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    for (const waiter of waiters) waiter.disconnect()
    expect(await client.blpop('list', 0.01)).toBeNull()
    expect(await client.bzpopmin('set', 0.01)).toBeNull()
  })

  test('streams and their groups: blocked readers are woken, pending entries claimed', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using reader = connect(instance)
    using client = connect(instance)
    await client.xgroup('CREATE', 'stream', 'group', '$', 'MKSTREAM')
    const read = reader.xreadgroup('GROUP', 'group', 'me', 'BLOCK', 0, 'STREAMS', 'stream', '>')
    const id = await client.xadd('stream', '*', 'field', 'value')
    expect(await read).toEqual([['stream', [[id, ['field', 'value']]]]])
    expect(await client.xautoclaim('stream', 'group', 'other', 0, '0')).toEqual([
      '0-0',
      [[id, ['field', 'value']]],
      [],
    ])
    expect(await client.xack('stream', 'group', id ?? '')).toBe(1)
  })

  test('transactions are all or nothing under WATCH', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using one = connect(instance)
    using two = connect(instance)
    await one.watch('key')
    await two.set('key', 'theirs')
    expect(await one.multi().set('key', 'mine').exec()).toBeNull()
    expect(await two.get('key')).toBe('theirs')
  })

  test('databases are apart, 16 of them', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    for (let db = 0; db < 16; db++) {
      await client.select(db)
      await client.set('key', String(db))
    }
    await client.select(3)
    expect(await client.get('key')).toBe('3')
    await expect(client.select(16)).rejects.toThrow('out of range')
  })

  test('a client that does not read is thrown out at its limit, and the server goes on', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    await client.config('SET', 'client-output-buffer-limit', 'pubsub 2mb 1mb 1')
    const deaf = connectTcp(Number(instance.env['REDIS_PORT']), '127.0.0.1')
    deaf.write(`AUTH ${instance.env['REDIS_PASSWORD']}\r\nSUBSCRIBE flood\r\n`)
    while ((await client.pubsub('NUMSUB', 'flood'))[1] !== 1) await client.ping()
    deaf.pause()
    // Below the size from which Valkey 9 keeps references in place of copies, which count for nothing.
    const message = 'x'.repeat(10_000)
    let listeners: unknown = 1
    for (let i = 0; i < 5_000 && listeners === 1; i++) listeners = await client.publish('flood', message)
    expect(listeners).toBe(0)
    deaf.destroy()
    expect(await client.ping()).toBe('PONG')
  })

  test('10,000 connections in its life, 500 at a time, and the last works as the first', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    for (let round = 0; round < 20; round++) {
      const clients = Array.from({ length: 500 }, () => connect(instance, { enableReadyCheck: false }))
      const sum = await Promise.all(clients.map((each) => each.incr('counter')))
      expect(Math.max(...sum)).toBe(500 * (round + 1))
      const gone = Promise.all(clients.map((each) => once(each, 'end')))
      for (const each of clients) each.disconnect()
      await gone
    }
    expect(await client.get('counter')).toBe('10000')
  })

  test('a client that half closes gets its answers, and one that vanishes does no harm', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using client = connect(instance)
    const polite = connectTcp({
      port: Number(instance.env['REDIS_PORT']),
      host: '127.0.0.1',
      allowHalfOpen: true,
    })
    let answer = ''
    polite.on('data', (chunk) => (answer += String(chunk)))
    polite.write(`AUTH ${instance.env['REDIS_PASSWORD']}\r\nSET key value\r\n`)
    while (!answer.includes('+OK\r\n+OK\r\n')) await once(polite, 'data')
    polite.end()
    await once(polite, 'close')
    const rude = connectTcp(Number(instance.env['REDIS_PORT']), '127.0.0.1')
    rude.write('*3\r\n$3\r\nSET\r\n$3')
    await once(rude, 'connect')
    rude.resetAndDestroy()
    expect(await client.get('key')).toBe('value')
  })

  test('the limit of connections can be raised while others are connected, blocked or behind a blocked one', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using before = connect(instance)
    await before.ping()
    // In one connection, so that the second command comes when the first has been woken.
    using blocked = connect(instance)
    await blocked.ping()
    const woken = Promise.all([blocked.blpop('list', 0), blocked.config('SET', 'maxclients', '16000')])
    await expect.poll(() => before.client('LIST')).toContain('cmd=blpop')
    await before.rpush('list', 'value')
    expect(await woken).toEqual([['list', 'value'], 'OK'])
    expect(await before.config('SET', 'maxclients', '9000')).toBe('OK')
    using after = connect(instance)
    expect(await Promise.all([before, blocked, after].map((client) => client.ping()))).toEqual(
      Array(3).fill('PONG'),
    )
  })
})
