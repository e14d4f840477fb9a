import { expect, test } from 'vitest'
import { createPool, type PoolOptions } from '../../packages/postgres/dist/clones/pool.js'

/** A server that makes and drops when it is told to. */
function fakeServer() {
  const made: string[] = []
  const dropped: string[] = []
  const waiting: (() => void)[] = []
  const when = (then: () => void) =>
    new Promise<void>((resolve) => {
      waiting.push(() => {
        then()
        resolve()
      })
    })
  return {
    made,
    dropped,
    options: {
      prefix: 'db_',
      make: (name: string) => when(() => made.push(name)),
      drop: (name: string) => when(() => dropped.push(name)),
    } satisfies Partial<PoolOptions>,
    /** Ends what is under way, and what follows from that, until nothing is. */
    async settle(): Promise<void> {
      for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
        step()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

test('as many are made ahead as were asked for, before anybody takes one', async () => {
  const server = fakeServer()
  createPool({ ...server.options, ahead: 3 })
  await server.settle()
  expect(server.made).toEqual(['db_1', 'db_2', 'db_3'])
})

test('nobody gets a database that somebody else has or had', async () => {
  const server = fakeServer()
  const pool = createPool({ ...server.options, ahead: 2 })
  const taken: string[] = []
  for (let round = 0; round < 20; round++) {
    const next = pool.take()
    await server.settle()
    taken.push(await next)
    pool.release(taken.at(-1) ?? '')
  }
  expect(new Set(taken).size).toBe(20)
})

test('those who wait are served in the order they came', async () => {
  const server = fakeServer()
  const pool = createPool({ ...server.options, ahead: 1 })
  const order: number[] = []
  const waits = [1, 2, 3].map(async (who) => {
    await pool.take()
    order.push(who)
  })
  await server.settle()
  await Promise.all(waits)
  expect(order).toEqual([1, 2, 3])
})

test('what is given back is dropped behind, once', async () => {
  const server = fakeServer()
  const pool = createPool({ ...server.options, ahead: 1 })
  await server.settle()
  const name = await pool.take()
  pool.release(name)
  pool.release(name)
  await server.settle()
  expect(server.dropped).toEqual([name])
})

test('the number ahead follows the use', async () => {
  const server = fakeServer()
  const pool = createPool({ ...server.options, ahead: 8 })
  for (let n = 0; n < 64; n++) {
    await server.settle()
    pool.release(await pool.take())
  }
  await server.settle()
  // One at a time was in use: at most one waits ahead, beside those that were made before that was known.
  expect(server.made.length - 64).toBe(1)
})

test('who waits is told why a database could not be made, and the next one is made all the same', async () => {
  let fails = true
  const pool = createPool({
    prefix: 'db_',
    ahead: 1,
    make: () => (fails ? Promise.reject(new Error('disk full')) : Promise.resolve()),
    drop: () => Promise.resolve(),
  })
  await expect(pool.take()).rejects.toThrow('disk full')
  fails = false
  await expect(pool.take()).resolves.toMatch(/^db_\d+$/)
})

test('closing with drop drops all that was made, whoever has it', async () => {
  const server = fakeServer()
  const pool = createPool({ ...server.options, ahead: 2 })
  await server.settle()
  await pool.take()
  await server.settle()
  const closed = pool.close({ drop: true })
  const settling = setInterval(() => void server.settle(), 1)
  await closed
  clearInterval(settling)
  expect(server.dropped.toSorted()).toEqual(server.made.toSorted())
})

test('after closing nobody gets a database', async () => {
  const pool = createPool({ ...fakeServer().options, ahead: 1 })
  const waiting = pool.take()
  void pool.close({ drop: false })
  await expect(waiting).rejects.toThrow('was stopped')
  await expect(pool.take()).rejects.toThrow('already stopped')
})
