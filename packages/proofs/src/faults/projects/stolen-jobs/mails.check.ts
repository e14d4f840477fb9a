import { Queue, Worker } from 'bullmq'
import { afterAll, expect, test } from 'vitest'

const connection = { url: process.env['REDIS_URL'] ?? '' }
const queue = new Queue('mails', { connection })
const sent: string[] = []
const waiting = new Map<string, () => void>()
const worker = new Worker(
  'mails',
  ({ data: { to } }) => {
    sent.push(to)
    waiting.get(to)?.()
    return Promise.resolve()
  },
  { connection },
)
afterAll(async () => {
  await worker.close()
  await queue.close()
})

test.each(Array.from({ length: 15 }, (_, index) => `user${index + 1}`))(
  'sends a mail to %s',
  { timeout: 1000 },
  async (name) => {
    const to = `${name}@example.org`
    const handled = new Promise<void>((resolve) => waiting.set(to, resolve))
    await queue.add('welcome', { to })
    await handled
    expect(sent).toContain(to)
  },
)
