import type { test as fixture } from '@vitest-lanes/bullmq/fixture'
import { describe } from 'vitest'

/** What holds for each version of BullMQ, wherever its queues are. */
export function describeBehaviour(test: typeof fixture): void {
  describe('settled', () => {
    test('resolves with what the job returns', async ({ bullmq, expect }) => {
      const mails = bullmq.queue('mails')
      bullmq.worker('mails', async (job) => ({ sent: job.data.to.length }))
      const job = await mails.add('welcome', { to: ['ada@example.org'] })
      await expect(bullmq.settled(job)).resolves.toEqual({ sent: 1 })
    })

    test('rejects with the reason of a job that fails for good', async ({ bullmq, expect }) => {
      const mails = bullmq.queue('mails')
      bullmq.worker('mails', async (job) => {
        throw new Error(`no mailbox on attempt ${job.attemptsMade + 1}`)
      })
      const job = await mails.add('welcome', {}, { attempts: 2 })

      await expect(bullmq.settled(job)).rejects.toThrow(
        /^no mailbox on attempt 2\n {2}job 1 \(welcome\) of queue mails has failed after 2 attempts$/,
      )
    })

    test('knows the outcome of jobs that were removed when they ended', async ({ bullmq, expect }) => {
      const mails = bullmq.queue<number, number>('mails')
      bullmq.worker<number, number>('mails', async (job) => {
        if (job.data < 0) throw new Error('below zero')
        return job.data * 2
      })
      const options = { removeOnComplete: true, removeOnFail: true }
      const jobs = await mails.addBulk(
        Array.from({ length: 20 }, (_, n) => ({ name: 'double', data: n, opts: options })),
      )
      const failing = await mails.add('double', -1, options)

      const results = await Promise.all(jobs.map((job) => bullmq.settled<number>(job)))

      expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n * 2))
      await expect(bullmq.settled(failing)).rejects.toThrow('below zero')
      await expect(bullmq.settled(jobs[3]!)).resolves.toBe(6)
    })

    test('takes an id, and asks which queue where there are several', async ({ bullmq, expect }) => {
      const mails = bullmq.queue('mails')
      bullmq.worker('mails', async () => 'sent')
      const { id = '' } = await mails.add('welcome', {})
      expect(await bullmq.settled(id)).toBe('sent')

      bullmq.queue('letters')

      await expect(bullmq.settled(id)).rejects.toThrow('LANES_FIXTURE_USE')
      expect(await bullmq.settled(id, { queue: 'mails' })).toBe('sent')
    })

    test('waits for a job that is put back after it has failed', async ({ bullmq, expect }) => {
      const mails = bullmq.queue('mails')
      let isBroken = true
      bullmq.worker('mails', async () => {
        if (isBroken) throw new Error('broken')
        return 'sent'
      })
      const job = await mails.add('welcome', {})
      await expect(bullmq.settled(job)).rejects.toThrow('broken')

      isBroken = false
      await job.retry()

      expect(await bullmq.settled(job)).toBe('sent')
    })
  })

  describe('the other waits', () => {
    test('state resolves for a state that the job has left', async ({ bullmq, expect }) => {
      const mails = bullmq.queue('mails')
      const job = await mails.add('welcome', {})
      await bullmq.state(job, 'waiting')
      bullmq.worker('mails', async () => 'sent')
      await bullmq.settled(job)

      await bullmq.state(job, 'active')

      await expect(bullmq.state(job, 'delayed')).rejects.toThrow('has completed, and has never been delayed')
    })

    test('drained resolves when nothing waits or runs', async ({ bullmq, expect }) => {
      const mails = bullmq.queue('mails')
      await bullmq.drained(mails)
      await mails.addBulk(Array.from({ length: 10 }, () => ({ name: 'mail', data: {} })))
      bullmq.worker('mails', async () => 'sent')

      await bullmq.drained('mails')

      expect(await mails.getJobCounts('waiting', 'active', 'completed')).toMatchObject({
        waiting: 0,
        active: 0,
        completed: 10,
      })
    })

    test('processed tells how so many jobs have ended', async ({ bullmq, expect }) => {
      const mails = bullmq.queue('mails')
      bullmq.worker('mails', async (job) => {
        if (job.name === 'bad') throw new Error('no mailbox')
        return job.name
      })
      await mails.addBulk(['good', 'bad', 'good'].map((name) => ({ name, data: {} })))

      expect(await bullmq.processed(mails, 3)).toEqual([
        { jobId: '1', state: 'completed', returnvalue: 'good' },
        { jobId: '2', state: 'failed', failedReason: 'no mailbox' },
        { jobId: '3', state: 'completed', returnvalue: 'good' },
      ])
    })
  })

  describe('what belongs to queues', () => {
    test('flows, whose parents and children can be waited for', async ({ bullmq, expect }) => {
      bullmq.worker('parts', async (job) => job.data.n * 10)
      bullmq.worker('whole', async (job) => Object.values(await job.getChildrenValues()))
      const { job, children = [] } = await bullmq.flow().add({
        name: 'whole',
        queueName: 'whole',
        children: [1, 2].map((n) => ({ name: 'part', queueName: 'parts', data: { n } })),
      })

      expect(new Set(await bullmq.settled<number[]>(job))).toEqual(new Set([10, 20]))
      expect(await bullmq.settled(children[1]!.job)).toBe(20)
    })

    test('schedulers and events', async ({ bullmq, expect }) => {
      const events = bullmq.events('ticks')
      await events.waitUntilReady()
      const seen: string[] = []
      events.on('completed', ({ jobId }) => seen.push(jobId))
      bullmq.worker('ticks', async (job) => job.name)

      await bullmq.scheduler('ticks', 'clock', { every: 30, limit: 3 }, { name: 'tick' })
      const ended = await bullmq.processed('ticks', 3)

      expect(ended.map(({ returnvalue }) => returnvalue)).toEqual(['tick', 'tick', 'tick'])
      await expect.poll(() => seen.length).toBe(3)
    })
  })

  describe('matchers', () => {
    test('wait for the job', async ({ bullmq, expect }) => {
      const mails = bullmq.queue('mails')
      bullmq.worker('mails', async (job) => {
        if (job.name === 'bad') throw new Error('no mailbox')
      })
      const good = await mails.add('good', {})
      const bad = await mails.add('bad', {})
      const late = await mails.add('late', {}, { delay: 60_000 })

      await expect(good).toBeCompleted()
      await expect(bad).toHaveFailedWith('no mail')
      await expect(bad).toHaveFailedWith(/^no mailbox$/)
      await expect(late).toBeDelayedBy(60_000)
      await expect(late).not.toBeCompleted()
      await expect(mails).toHaveProcessed(2)
    })

    test('say what they have seen instead', async ({ bullmq, expect }) => {
      const mails = bullmq.queue('mails')
      bullmq.worker('mails', async () => {
        throw new Error('no mailbox')
      })
      const job = await mails.add('welcome', {})

      await expect(expect(job).toBeCompleted()).rejects.toThrow(
        'expected job 1 (welcome) of mails to be completed; it is failed: no mailbox',
      )
      await expect(expect(job).toHaveFailedWith('busy')).rejects.toThrow(
        'expected job 1 (welcome) of mails to have failed with busy; it is failed: no mailbox',
      )
      await expect(expect(job).toBeDelayedBy(5)).rejects.toThrow('to be delayed by 5 ms; it is failed')
      await expect(expect(mails).toHaveProcessed(0)).rejects.toThrow('to have processed 0 jobs; there were 1')
    })
  })

  describe.concurrent('tests that run at the same time', () => {
    for (const name of ['one', 'two', 'three']) {
      test(`have queues of their own: ${name}`, async ({ bullmq, expect }) => {
        const mails = bullmq.queue('mails')
        bullmq.worker('mails', async (job) => `${name}: ${job.data}`)
        const jobs = await mails.addBulk([1, 2, 3].map((data) => ({ name: 'mail', data })))

        expect(jobs.map(({ id }) => id)).toEqual(['1', '2', '3'])
        expect(await Promise.all(jobs.map((job) => bullmq.settled(job)))).toEqual(
          [1, 2, 3].map((n) => `${name}: ${n}`),
        )
      })
    }
  })
}
