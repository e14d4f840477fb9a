import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Provider } from '@vitest-lanes/core'
import { conformance, type Env } from '@vitest-lanes/core/conformance'
import { redis, type RedisOptions } from '@vitest-lanes/redis'
import { newRunId } from '@vitest-lanes/server'
import { Redis, type Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  describeEngines,
  describeServers,
  startServer,
  withoutNative,
  type Started,
} from '../redis/engines.ts'
import { clusterOf, sentinelClient } from '../redis/clients.ts'
import { ownRunFolders } from './left.ts'

async function withClient<T>(env: Env, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(env['REDIS_URL'] ?? '', { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await use(client)
  } finally {
    client.disconnect()
  }
}

function keyOf(env: Env, name: string): string {
  return env['REDIS_PREFIX'] === undefined ? name : `${env['REDIS_PREFIX']}:${name}`
}

async function withCluster<T>(env: Env, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  using cluster = clusterOf(env)
  return await use(cluster)
}

async function withMaster<T>(env: Env, use: (client: Redis) => Promise<T>): Promise<T> {
  using client = sentinelClient(env)
  return await use(client)
}

function refusing(): never {
  throw new Error('No names for this server.')
}

/** Command lines of the servers that this process has started. */
async function ownServers(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'ppid=,command='])
  const children = stdout.split('\n').filter((line) => line.trim().startsWith(`${process.pid} `))
  return children.filter((line) => /redis-server|valkey-server|child\/main\.js/.test(line))
}

describeEngines((engine) => {
  conformance(
    { describe, test, expect },
    {
      create: () => redis({ engine }),
      createBroken: () =>
        redis({
          engine,
          env: refusing,
        }),
      mark: (env, name) => withClient(env, async (client) => void (await client.set(name, ''))),
      marks: (env) => withClient(env, (client) => client.keys('*')),
      kill: (env) =>
        withClient(env, async (client) => void (await client.shutdown('NOSAVE').catch(() => ''))),
      left: async () => [...(await ownRunFolders()), ...(await ownServers())],
    },
  )
})

describeServers((kind) => {
  describe.each(['database', 'prefix'] as const)('a server of the user, a %s an instance', (isolation) => {
    let server: Started
    beforeAll(async () => {
      server = await startServer(kind)
    })
    afterAll(() => server[Symbol.asyncDispose]())
    const provider = (more: RedisOptions = {}): Provider => {
      let inner: Provider | undefined
      return {
        name: 'redis',
        async start(run) {
          const { env } = await server.open()
          inner = redis({ server: (env['REDIS_URL'] ?? '').replace(/\/0$/, ''), isolation, ...more })
          return inner.start?.(run)
        },
        open: (request) => (inner ?? redis()).open(request),
        stop: async () => inner?.stop?.(),
      }
    }
    conformance(
      { describe, test, expect },
      {
        create: () => provider(),
        createBroken: () => provider({ env: refusing }),
        mark: (env, name) => withClient(env, async (client) => void (await client.set(keyOf(env, name), ''))),
        marks: (env) =>
          withClient(env, async (client) => {
            const [, keys] = await client.scan(0, 'MATCH', keyOf(env, '*'), 'COUNT', 100_000)
            return keys.map((key) => key.slice(keyOf(env, '').length))
          }),
        left: ownRunFolders,
      },
    )
  })
})

describe.skipIf(withoutNative !== undefined)(`a cluster (${withoutNative ?? 'native'})`, () => {
  conformance(
    { describe, test, expect },
    {
      create: () => redis({ servers: 'cluster' }),
      createBroken: () => redis({ servers: 'cluster', env: refusing }),
      mark: (env, name) => withCluster(env, async (cluster) => void (await cluster.set(name, ''))),
      marks: (env) =>
        withCluster(env, async (cluster) => {
          await cluster.ping()
          return (await Promise.all(cluster.nodes('master').map((node) => node.keys('*')))).flat()
        }),
      kill: (env) =>
        withClient(env, async (client) => void (await client.shutdown('NOSAVE').catch(() => ''))),
      left: async () => [...(await ownRunFolders()), ...(await ownServers())],
    },
  )
})

describe.skipIf(withoutNative !== undefined)(
  `a master with a sentinel (${withoutNative ?? 'native'})`,
  () => {
    conformance(
      { describe, test, expect },
      {
        create: () => redis({ servers: 'sentinel' }),
        createBroken: () => redis({ servers: 'sentinel', env: refusing }),
        mark: (env, name) => withMaster(env, async (client) => void (await client.set(name, ''))),
        marks: (env) => withMaster(env, (client) => client.keys('*')),
        kill: (env) =>
          withClient(env, async (client) => void (await client.shutdown('NOSAVE').catch(() => ''))),
        left: async () => [...(await ownRunFolders()), ...(await ownServers())],
      },
    )
  },
)

test('embedded servers whose process is killed as it starts are started again, and leave nothing', async () => {
  const provider = redis({ engine: 'embedded' })
  await provider.start?.({
    resource: 'redis',
    runId: newRunId(),
    root: '/',
    lanes: 1,
    instances: 1,
    log: () => undefined,
  })
  const first = provider.open({ number: 1, mode: 'exclusive' })
  process.kill(await firstServer(), 'SIGKILL')
  await expect(first).rejects.toMatchObject({ code: 'LANES_SERVER_START' })
  const { env } = await provider.open({ number: 1, mode: 'exclusive' })
  expect(await withClient(env, (client) => client.ping())).toBe('PONG')
  await provider.stop?.()
  expect([...(await ownRunFolders()), ...(await ownServers())]).toEqual([])
})

/** The process of the first server that this process starts: it is written down before it may begin. */
async function firstServer(): Promise<number> {
  for (;;) {
    for (const folder of await ownRunFolders()) {
      const [record] = await readdir(path.join(folder, 'servers')).catch(() => [])
      if (record !== undefined) return Number.parseInt(record, 10)
    }
    await new Promise(setImmediate)
  }
}
