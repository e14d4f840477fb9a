import { test } from '@vitest-lanes/bullmq/fixture'
import { describe } from 'vitest'

describe('the bullmq fixture', () => {
  test('gives a queue and a worker, and waits for a job without a race', async ({ bullmq, expect }) => {
    const mails = bullmq.queue('mails')
    bullmq.worker('mails', async (job) => ({ sent: job.data.to.length }))
    const job = await mails.add('welcome', { to: ['ada@example.org'] })
    await expect(bullmq.settled(job)).resolves.toEqual({ sent: 1 })
  })
})
