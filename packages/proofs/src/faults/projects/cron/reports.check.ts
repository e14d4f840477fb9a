import { Queue, Worker } from 'bullmq'
import { afterAll, expect, test } from 'vitest'

const connection = { url: process.env['REDIS_URL'] ?? '' }
const queue = new Queue('reports', { connection })
let written = 0
const worker = new Worker(
  'reports',
  () => {
    written++
    return Promise.resolve()
  },
  { connection },
)
// The scheduler stays in Redis, and goes on.
afterAll(async () => {
  await worker.close()
  await queue.close()
})

test('writes a report again and again', { timeout: 4000 }, async () => {
  await queue.upsertJobScheduler('nightly', { every: 150 }, { name: 'nightly' })
  await expect.poll(() => written, { timeout: 3000 }).toBeGreaterThan(1)
})
