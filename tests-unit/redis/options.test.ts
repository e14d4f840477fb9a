import { redis } from '@vitest-lanes/redis'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => vi.unstubAllEnvs())

const failure = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

test('without options there is one instance per lane', () => {
  expect(redis()).toMatchObject({ name: 'redis', instances: 'lanes' })
  expect(redis({ instances: 3 })).toMatchObject({ instances: 3 })
})

test('a misspelt option is an error that names the near miss', () => {
  // @ts-expect-error -- not an option
  expect(() => redis({ engin: 'native' })).toThrow(failure('LANES_OPTION_UNKNOWN', 'Did you mean engine?'))
})

test('an option like no other is an error that names all', () => {
  // @ts-expect-error -- not an option
  expect(() => redis({ zzzzzzzzzz: 1 })).toThrow(
    failure('LANES_OPTION_UNKNOWN', 'It has instances, engine, server'),
  )
})

test.each([0, -1, 1.5, Number.NaN, '3', null])('%s instances are an error', (instances) => {
  // @ts-expect-error -- not all are numbers
  expect(() => redis({ instances })).toThrow(
    failure('LANES_OPTION_INVALID', 'expected instances to be a whole number above 0'),
  )
})

test('another engine is an error', () => {
  // @ts-expect-error -- not an engine
  expect(() => redis({ engine: 'docker' })).toThrow(
    failure('LANES_OPTION_INVALID', `expected engine to be 'native' or 'embedded', got 'docker'`),
  )
})

test('another engine in the environment is an error, unless an option decides', () => {
  vi.stubEnv('VITEST_LANES_ENGINE', 'docker')
  expect(() => redis()).toThrow(failure('LANES_OPTION_INVALID', 'VITEST_LANES_ENGINE'))
  expect(redis({ engine: 'embedded' })).toMatchObject({ name: 'redis' })
})

test('an env that is no function is an error', () => {
  // @ts-expect-error -- not a function
  expect(() => redis({ env: { A: 'b' } })).toThrow(
    failure('LANES_OPTION_INVALID', 'expected env to be a function'),
  )
})

test.each(['isolation', 'allowRemote', 'tls'])('%s without a server is an error', (option) => {
  expect(() => redis({ [option]: option === 'isolation' ? 'prefix' : {} })).toThrow(
    failure('LANES_OPTION_INVALID', `${option} goes with server`),
  )
})

test('a server that may be production is refused until it is allowed', () => {
  expect(() => redis({ server: 'redis://cache.example.com' })).toThrow(
    failure('LANES_OPTION_INVALID', 'add `allowRemote: true`'),
  )
  expect(redis({ server: 'redis://cache.example.com', allowRemote: true })).toMatchObject({ name: 'redis' })
  expect(redis({ server: 'redis://cache' })).toMatchObject({ name: 'redis' })
  expect(redis({ server: 'unix:///tmp/redis.sock' })).toMatchObject({ name: 'redis' })
})

test.each(['', 'http://localhost', 'localhost:6379', 'redis://:s3cret@[', 'redis://:s3cret@localhost/4'])(
  'the server %s is an error that does not show a password',
  (server) => {
    expect(() => redis({ server })).toThrow(failure('LANES_OPTION_INVALID', 'redis():'))
    expect(() => redis({ server })).not.toThrow(/s3cret/)
  },
)

test('a server and an engine exclude each other, and the variable does not count', () => {
  expect(() => redis({ server: 'redis://localhost', engine: 'native' })).toThrow(
    failure('LANES_OPTION_INVALID', 'exclude each other'),
  )
  vi.stubEnv('VITEST_LANES_ENGINE', 'native')
  expect(redis({ server: 'redis://localhost' })).toMatchObject({ name: 'redis' })
})

test.each(['example.com:6379', 'localhost', '6379', 'localhost:0', 'localhost:70000'])(
  'redirecting %s is an error',
  (address) => {
    expect(() => redis({ redirect: [address] })).toThrow(
      failure('LANES_OPTION_INVALID', 'expected redirect to hold addresses of this machine'),
    )
  },
)

test('redirect and a prefix exclude each other', () => {
  expect(() =>
    redis({ server: 'redis://localhost', isolation: 'prefix', redirect: ['localhost:6379'] }),
  ).toThrow(failure('LANES_OPTION_INVALID', 'exclude each other'))
})

test('servers of another kind, of the user or embedded are an error', () => {
  // @ts-expect-error -- not a kind
  expect(() => redis({ servers: 'swarm' })).toThrow(
    failure('LANES_OPTION_INVALID', `expected servers to be 'cluster' or 'sentinel', got 'swarm'`),
  )
  expect(() => redis({ servers: 'cluster', server: 'redis://localhost' })).toThrow(
    failure('LANES_OPTION_INVALID', 'servers and server exclude each other'),
  )
  expect(() => redis({ servers: 'sentinel', redirect: ['localhost:6379'] })).toThrow(
    failure('LANES_OPTION_INVALID', 'servers and redirect exclude each other'),
  )
  expect(() => redis({ servers: 'cluster', engine: 'embedded' })).toThrow(
    failure('LANES_OPTION_INVALID', 'there is no embedded cluster'),
  )
  expect(redis({ servers: 'sentinel', instances: 2 })).toMatchObject({ instances: 2 })
})

test('redirect to a server with TLS is an error', () => {
  expect(() => redis({ server: 'rediss://localhost', redirect: ['localhost:6379'] })).toThrow(
    failure('LANES_OPTION_INVALID', 'redirect and a server with TLS exclude each other'),
  )
})
