import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { test } from '@vitest-lanes/bullmq/fixture'
import { Queue } from 'bullmq'
import { describe } from 'vitest'

const timeout = 300

describe('a wait that ends without what it waited for tells the cause', () => {
  test('"not found": the job is in another prefix', async ({ bullmq, redisScope, expect }) => {
    const { client } = await redisScope()
    const elsewhere = bullmq.adopt(
      new Queue('mails', { connection: client, prefix: bullmq.prefix.replace(/bull$/, 'other') }),
    )
    const { id = '' } = await elsewhere.add('welcome', {})
    bullmq.queue('letters')

    await expect(bullmq.settled(id, { queue: 'letters', timeout })).rejects.toThrow(
      /^Job 1 of queue letters has not settled after [\d.]+ m?s: letters has never had it: its counter stands at 0, so the id comes from another prefix, queue or server\./,
    )
  })

  test('"not found": another test has taken the job away', async ({ bullmq, expect }) => {
    const mails = bullmq.queue('mails')
    const job = await mails.add('welcome', {})
    const waits = bullmq.settled(job, { timeout })
    await job.remove()

    await expect(waits).rejects.toThrow(
      /it was in mails \(last seen: removed\) and somebody has taken it away\.\n +state +not in the queue\n[\s\S]*→ Look for `obliterate`/,
    )
  })

  test('"not found": the queue was flushed before', async ({ bullmq, redis, expect }) => {
    const mails = bullmq.queue('mails')
    const { id = '' } = await mails.add('welcome', {})
    await redis.flushdb()
    await redis.set('bull:mails:id', '4')

    await expect(bullmq.settled(id, { timeout })).rejects.toThrow(
      'mails has given that id, and the job and its events are gone: the queue was obliterated or flushed',
    )
  })

  test('"active": the processor does not return', async ({ bullmq, expect }) => {
    const mails = bullmq.queue('mails')
    const held = new EventEmitter()
    bullmq.worker(
      'mails',
      async (job) => {
        await job.log('connecting')
        await job.updateProgress(40)
        await once(held, 'end')
      },
      { concurrency: 2 },
    )
    const [job, other] = await mails.addBulk([
      { name: 'welcome', data: {}, opts: { attempts: 3 } },
      { name: 'digest', data: {} },
    ])
    await bullmq.state(other!, 'active')
    await bullmq.state(job!, 'active')
    await expect.poll(async () => (await mails.getJobLogs(job!.id!)).count).toBe(1)
    const error = await bullmq.settled(job!, { timeout }).catch((failure: Error) => failure.message)
    held.emit('end')

    expect(error).toMatch(
      /^Job 1 \(welcome\) of queue mails has not settled after [\d.]+ m?s: it is still active: its processor has run for .* in this process and has not returned\.$/m,
    )
    expect(error).toMatch(/^ +attempts +0 of 3 have ended$/m)
    expect(error).toMatch(/^ +progress +40$/m)
    expect(error).toMatch(/^ +logs +1, the last: connecting$/m)
    expect(error).toMatch(/^ +running +2 \(digest\) for /m)
  })

  test('"active": the worker that took it is gone', async ({ bullmq, expect, onTestFinished }) => {
    const jobs = bullmq.queue('jobs')
    const script = new URL('support/endless-worker.mjs', import.meta.url)
    const doomed = fork(script, ['jobs'], { env: { ...process.env, ...bullmq.env } })
    onTestFinished(() => void doomed.kill('SIGKILL'))
    const exited = once(doomed, 'exit')
    const job = await jobs.add('work', {})
    await bullmq.state(job, 'active')

    await expect(bullmq.settled(job, { timeout })).rejects.toThrow(
      `it is still active: its processor has run for`,
    )
    await expect(bullmq.settled(job, { timeout })).rejects.toThrow(/in process \d+ and has not returned/)
    doomed.kill('SIGKILL')
    await exited

    await expect(bullmq.settled(job, { timeout })).rejects.toThrow(
      'it is active, and the worker that took it is gone',
    )
  })

  test('no worker, a pause, a rate limit and a delay', async ({ bullmq, expect }) => {
    const mails = bullmq.queue('mails')
    const job = await mails.add('welcome', {})
    await expect(bullmq.settled(job, { timeout })).rejects.toThrow('no worker is attached to mails')

    await mails.pause()
    bullmq.worker('mails', async () => 'sent', { limiter: { max: 1, duration: 60_000 } })
    await expect(bullmq.settled(job, { timeout })).rejects.toThrow('it still waits: mails is paused')

    await mails.resume()
    await bullmq.settled(job)
    const next = await mails.add('welcome', {})
    await expect(bullmq.settled(next, { timeout })).rejects.toThrow(/mails is rate-limited for another \d/)

    const late = await mails.add('welcome', {}, { delay: 60_000 })
    await expect(bullmq.settled(late, { timeout })).rejects.toThrow(
      /it is delayed for another [\d.]+ s\.\n[\s\S]*delay +[\d.]+ s left/,
    )
  })

  test('a backoff, with the reason of the last failure', async ({ bullmq, expect }) => {
    const mails = bullmq.queue('mails')
    bullmq.worker('mails', async () => {
      throw new Error('no mailbox')
    })
    const job = await mails.add('welcome', {}, { attempts: 3, backoff: { type: 'fixed', delay: 60_000 } })
    await bullmq.state(job, 'delayed')

    await expect(bullmq.settled(job, { timeout })).rejects.toThrow(
      /it is delayed for another [\d.]+ s, after attempt 1 of 3 failed: no mailbox\./,
    )
  })

  test('a queue that is not drained, and one that gets too few jobs', async ({ bullmq, expect }) => {
    const mails = bullmq.queue('mails')
    await mails.add('welcome', {})
    await expect(bullmq.drained(mails, { timeout })).rejects.toThrow(
      /^Queue mails is not drained after [\d.]+ m?s: one job still waits: no worker is attached to mails\.\n +jobs +1 waiting/,
    )

    bullmq.worker('mails', async () => 'sent')
    await bullmq.drained(mails)

    await expect(bullmq.processed(mails, 2, { timeout })).rejects.toThrow(
      /^Queue mails has processed 1 of 2 jobs after [\d.]+ m?s: no more jobs are there\.\n +jobs +1 completed/,
    )
  })

  test('before the time of the test is over', { timeout: 4_000 }, async ({ bullmq, expect }) => {
    const job = await bullmq.queue('mails').add('welcome', {})

    await expect(bullmq.settled(job)).rejects.toThrow('no worker is attached to mails')
  })
})
