import { describe } from 'vitest'
import { test } from './support/app.ts'

describe.concurrent('Job Cancellation System', () => {
  test('Scenario 1: a running job stops before its next step', async ({ app, bullmq, expect }) => {
    await app.start()
    const jobId = await app.add({ steps: 40, stepMs: 100 }, { attempts: 3 })
    await bullmq.state(jobId, 'active')

    const { outcome } = await app.api.jobs.cancel({ jobId })
    await expect(bullmq.settled(jobId)).rejects.toThrow(`Job ${jobId} was cancelled`)

    expect(outcome).toBe('cancelling')
    const status = await app.status(jobId)
    expect(status).toMatchObject({ state: 'cancelled', attempt: 1, cancelRequested: true })
    expect(status?.progress).toBeLessThan(100)
  })

  test('Scenario 2: a waiting job leaves the queue at once, and the next one runs', async ({
    app,
    bullmq,
    expect,
  }) => {
    await app.start({ concurrency: 1 })
    const running = await app.add({ steps: 60, stepMs: 100 })
    const waiting = await app.add()
    const next = await app.add()
    await bullmq.state(running, 'active')

    const { outcome } = await app.api.jobs.cancel({ jobId: waiting })
    await app.api.jobs.cancel({ jobId: running })

    expect(outcome).toBe('cancelled')
    expect(await app.getQueue().getJob(waiting)).toBeUndefined()
    await bullmq.settled(next)
    const events = await app.listJobEvents(app.getPool(), waiting)
    expect(events.map(({ state }) => state)).toEqual(['waiting', 'cancelled'])
  })

  test('Scenario 3: a delayed job never starts', async ({ app, expect }) => {
    await app.start()
    const jobId = await app.add({}, { delay: 60_000 })

    await app.api.jobs.cancel({ jobId })

    expect(await app.getQueue().getJob(jobId)).toBeUndefined()
    expect(await app.status(jobId)).toMatchObject({ state: 'cancelled', startedAt: null })
  })

  test('Scenario 4: a job that waits for its next attempt is not tried again', async ({
    app,
    bullmq,
    expect,
  }) => {
    await app.start()
    const backoff = { type: 'fixed', delay: 60_000 }
    const jobId = await app.add({ failAttempts: 5 }, { attempts: 6, backoff })
    await bullmq.state(jobId, 'delayed')
    await app.status(jobId)

    await app.api.jobs.cancel({ jobId })

    expect(await app.getQueue().getJob(jobId)).toBeUndefined()
    expect(await app.status(jobId)).toMatchObject({ state: 'cancelled', attempt: 1 })
  })

  test('Scenario 5: a finished job cannot be cancelled', async ({ app, bullmq, expect }) => {
    await app.start()
    const jobId = await app.add()
    await bullmq.settled(jobId)
    await app.status(jobId)

    await expect(app.api.jobs.cancel({ jobId })).rejects.toThrow(
      `Job ${jobId} cannot be cancelled: it has completed`,
    )

    expect(await app.status(jobId)).toMatchObject({ state: 'completed', cancelRequested: false })
  })
})
