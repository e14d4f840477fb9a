import { test } from '@vitest-lanes/bullmq/fixture'
import { Queue, Worker } from 'bullmq'
import { describe } from 'vitest'
import { describeBehaviour } from './support/behaviour.ts'

describeBehaviour(test)

describe('what the application makes', () => {
  test('is known to the waits when it is adopted', async ({ bullmq, redis, expect }) => {
    bullmq.exposePrefix('QUEUE_PREFIX')
    const connection = { url: process.env['REDIS_URL'] ?? '', maxRetriesPerRequest: null }
    const prefix = process.env['QUEUE_PREFIX'] ?? ''
    const queue = bullmq.adopt(new Queue('app', { connection, prefix }))
    bullmq.adopt(new Worker('app', async () => 'done', { connection, prefix }))
    const job = await queue.add('work', {})

    expect(await bullmq.settled(job)).toBe('done')
    expect(await redis.keys('bull:app:id')).toEqual(['bull:app:id'])
  })

  test('are closed, and their keys gone, when their test has ended', async ({ redisScope, expect }) => {
    const { client } = await redisScope()
    const clients = String(await client.client('LIST'))

    expect(await client.keys('vl-*')).toEqual([])
    expect(clients.split('\n').filter((line) => line.includes(' name=vl-'))).toEqual([])
  })

  test('a prefix that was exposed until the test ended', ({ expect }) => {
    expect(process.env['QUEUE_PREFIX']).toBeUndefined()
  })
})
