import { describe } from 'vitest'
import { test, type App } from './support/app.ts'

/** Adds jobs one after the other; returns their ids in that order. */
async function addJobs(app: App, count: number, fields: Parameters<App['add']>[0] = {}): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) ids.push(await app.add(fields))
  return ids
}

describe.concurrent('BullMQ integration', () => {
  test('should number jobs by one counter, whichever queue object adds them', async ({ bullmq, expect }) => {
    const [one, other] = [bullmq.queue('jobs'), bullmq.queue('jobs', {})]
    const jobs = [await one.add('a', {}), await other.add('b', {}), await one.add('c', {})]

    expect(jobs.map(({ id }) => id)).toEqual(['1', '2', '3'])
  })

  test('should tell of progress through queue events', async ({ app, bullmq, expect }) => {
    const { worker } = await app.start()
    const seen: unknown[] = []
    worker.on('progress', (_, progress) => seen.push(progress))
    const jobId = await app.add({ steps: 4 })

    await expect(bullmq.settled(jobId)).resolves.toMatchObject({ message: 'ok' })

    expect(seen).toEqual([25, 50, 75, 100])
  })

  test('should keep the results of finished jobs', async ({ app, bullmq, expect }) => {
    await app.start({ concurrency: 3 })
    await addJobs(app, 3, { message: 'kept' })

    await bullmq.processed(app.getQueue(), 3)

    const jobs = await app.getQueue().getCompleted()
    expect(jobs.map((job) => job.returnvalue.message)).toEqual(['kept', 'kept', 'kept'])
    expect(await app.getQueue().getJobCounts('completed', 'failed')).toEqual({ completed: 3, failed: 0 })
  })

  test('should not start a delayed job before its time', async ({ app, bullmq, expect }) => {
    const jobId = await app.add({}, { delay: 200 })
    await app.start()

    await bullmq.settled(jobId)

    const job = await app.getQueue().getJob(jobId)
    expect(job?.processedOn).toBeGreaterThanOrEqual((job?.timestamp ?? 0) + 200)
  })
})

describe.concurrent('Edge Cases', () => {
  test('should handle multiple concurrent jobs', async ({ app, bullmq, expect }) => {
    await app.start({ concurrency: 3 })
    const ids = await addJobs(app, 9, { steps: 3 })

    await bullmq.processed(app.getQueue(), 9)

    const rows = await Promise.all(ids.map((id) => app.status(id)))
    expect(rows.map((row) => row?.attempt)).toEqual(ids.map(() => 1))
  })

  test('should keep the order of jobs of equal priority', async ({ app, bullmq, expect }) => {
    const ids = await addJobs(app, 5)
    await app.start({ concurrency: 1 })

    const ended = await bullmq.processed(app.getQueue(), 5)

    expect(ended.map(({ jobId }) => jobId)).toEqual(ids)
  })

  test('should carry a large message there and back', async ({ app, bullmq, expect }) => {
    await app.start()
    const message = 'ä'.repeat(1_000)
    const jobId = await app.add({ message })

    await expect(bullmq.settled(jobId)).resolves.toMatchObject({ message })

    expect((await app.status(jobId))?.result).toMatchObject({ message })
  })

  test('should start nothing while the queue is paused', async ({ app, bullmq, expect }) => {
    await app.start()
    await app.getQueue().pause()
    const ids = await addJobs(app, 3)
    expect(await app.getQueue().getJobCounts('prioritized', 'active')).toEqual({ prioritized: 3, active: 0 })
    const resumedAt = Date.now()
    await app.getQueue().resume()

    await bullmq.processed(app.getQueue(), 3)

    const rows = await Promise.all(ids.map((id) => app.status(id)))
    for (const row of rows) expect(row?.startedAt?.getTime()).toBeGreaterThanOrEqual(resumedAt)
    expect(await app.getQueue().isPaused()).toBe(false)
  })
})
