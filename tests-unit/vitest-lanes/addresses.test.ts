import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { addressOf, addressesIn, namedIn } from '../../packages/vitest-lanes/dist/findings/addresses.js'
import { KnownAddresses } from '../../packages/vitest-lanes/dist/findings/known-addresses.js'
import { undeclaredUse } from '../../packages/vitest-lanes/dist/findings/undeclared-use.js'

const USUAL = [
  { ports: [6379], protocols: ['redis:'] },
  { ports: [5432], protocols: ['postgresql:'] },
]

test('this machine has one name, however it is called', () => {
  for (const host of ['localhost', '127.0.0.1', '::1', '[::1]', ''])
    expect(addressOf(host, 6379)).toBe('127.0.0.1:6379')
  expect(addressOf('redis', 6379)).toBe('redis:6379')
})

test('the addresses of an instance are found in URLs, lists, pairs and paths of its variables', () => {
  const found = addressesIn(
    {
      REDIS_URL: 'redis://:p%40ss@localhost/0',
      NODES: '127.0.0.1:7000,node-2:7001',
      PGHOST: 'db',
      PGPORT: '5433',
      SOCKET: '/run/redis.sock',
      OTHER_PGHOST: '/run/pg',
      VITEST_LANES_REDIRECT_61: '{"ports":[5432],"to":{"path":"/tmp/run a/.s.PGSQL.4711"}}',
      VITEST_LANES_REDIS: '1',
    },
    USUAL,
  )
  expect([...found].toSorted((a, b) => a.localeCompare(b))).toEqual([
    '/run/pg',
    '/run/pg/.s.PGSQL.5432',
    '/run/redis.sock',
    '/tmp/run a/.s.PGSQL.4711',
    '127.0.0.1:6379',
    '127.0.0.1:7000',
    'db:5433',
    'node-2:7001',
  ])
})

test('variables name a resource by the protocol of a URL, or by host and port', () => {
  const env = {
    A: 'redis://cache:1234',
    B: 'https://localhost:6379',
    C: 'postgresql://localhost/app',
    D: 'no url',
    E: 'redis://%zz:1',
    REDIS_HOST: '10.0.0.2',
    REDIS_PORT: '6380',
    SMTP_HOST: 'localhost',
    SMTP_PORT: '25',
  }
  expect([...namedIn(env, USUAL, (name) => name.startsWith('REDIS'))]).toEqual([
    ['cache:1234', 'A'],
    ['127.0.0.1:5432', 'C'],
    ['%zz:1', 'E'],
    ['10.0.0.2:6380', 'REDIS_HOST'],
  ])
})

async function known(open: (readonly [string, Readonly<Record<string, string>>])[] = []) {
  const root = await mkdtemp(join(tmpdir(), 'lanes env '))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await writeFile(join(root, '.env.test'), 'DATABASE_URL="postgresql://db.example.com:6000/app"\n')
  const provider = { name: 'redis', open: () => Promise.reject(new Error('never opened')) }
  const resources = new Map([['cache', { name: 'cache', instances: 1, provider }]])
  return new KnownAddresses({ root, mode: 'test', resources, open: () => open })
}

describe('what is at an address', () => {
  test.each([
    ['127.0.0.1:6379', 'cache'],
    ['redis:6379', 'cache'],
    ['192.168.1.4:6379', 'cache'],
    ['/run/redis/redis-server.sock', 'cache'],
    ['127.0.0.1:5432', undefined],
    ['/run/postgresql/.s.PGSQL.5432', undefined],
  ])('%s is a resource', async (address, resource) => {
    expect((await known()).lookup({})(address)).toMatchObject({ resource, by: '' })
  })

  test.each(['127.0.0.1:6380', '8.8.8.8:6379', 'redis.example.com:6379', '/tmp/own.sock'])(
    '%s is none',
    async (address) => {
      expect((await known()).lookup({})(address)).toBeUndefined()
    },
  )

  test('an address that a variable names is one, wherever it leads', async () => {
    const addresses = await known()
    expect(addresses.lookup({})('db.example.com:6000')).toEqual({
      kind: 'postgres',
      resource: undefined,
      by: 'which DATABASE_URL in .env.test names',
    })
    expect(addresses.lookup({ MY_REDIS: 'redis://host:9' })('host:9')).toMatchObject({
      resource: 'cache',
      by: 'which MY_REDIS names',
    })
  })

  test('where other files have their instances is one', async () => {
    const addresses = await known([['cache', { REDIS_URL: 'redis://127.0.0.1:41000/0' }]])
    expect(addresses.lookup({})('127.0.0.1:41000')).toMatchObject({ resource: 'cache' })
    expect(addresses.lookup({})('127.0.0.1:41001')).toBeUndefined()
  })

  test('the line to add keeps what the file claims already', async () => {
    const claims = [
      { resource: 'postgres', mode: 'shared' },
      { resource: 'project unit', mode: 'exclusive' },
    ] as const
    const file = { file: 'a.test.ts', claims, own: new Set<string>(), env: {}, placeOf: () => undefined }
    const found = undeclaredUse([{ pid: 1, to: '127.0.0.1:6379', via: 'ioredis' }], file, await known())
    expect([...found.values()].map(({ message }) => message)).toEqual([
      "Connects to localhost:6379 through ioredis, and does not claim `cache`: add `'a.test.ts': ['postgres/shared', 'cache']` to `files`.",
    ])
  })
})
