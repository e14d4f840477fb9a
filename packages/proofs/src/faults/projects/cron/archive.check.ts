import { setTimeout } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { afterAll, expect, test } from 'vitest'

const connection = { url: process.env['REDIS_URL'] ?? '' }
const queue = new Queue('reports', { connection })
afterAll(() => queue.close())

test('puts one report into the archive', { timeout: 4000 }, async () => {
  const done: string[] = []
  const worker = new Worker(
    'reports',
    ({ name }) => {
      done.push(name)
      return Promise.resolve()
    },
    { connection },
  )
  await queue.add('archive', {})
  await expect.poll(() => done.length, { timeout: 2000 }).toBeGreaterThan(0)
  // Time for whatever else there may be.
  await setTimeout(500)
  await worker.close()
  expect(done).toEqual(['archive'])
})
