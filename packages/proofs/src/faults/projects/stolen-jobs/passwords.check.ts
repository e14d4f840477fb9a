import { Queue, Worker } from 'bullmq'
import { afterAll, expect, test } from 'vitest'

const connection = { url: process.env['REDIS_URL'] ?? '' }
const queue = new Queue('mails', { connection })
const waiting = new Map<string, () => void>()
const worker = new Worker(
  'mails',
  ({ data: { to } }) => {
    waiting.get(to)?.()
    return Promise.resolve()
  },
  { connection },
)
afterAll(async () => {
  await worker.close()
  await queue.close()
})

test('sends the link for a new password', { timeout: 4000 }, async () => {
  for (let count = 1; count <= 25; count++) {
    const to = `user${count}@example.com`
    const handled = new Promise<void>((resolve) => waiting.set(to, resolve))
    await queue.add('reset', { to }, { delay: 20 })
    await handled
  }
  expect(waiting.size).toBe(25)
})
