import { getQueue, getRedis, QUEUE_NAME, type RunningWorker, startWorker } from '@vitest-lanes/orchestrator'
import { Queue, QueueEvents } from 'bullmq'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { addTestJob, addTestJobs } from './support/fixtures.ts'
import { useOrchestrator } from './support/orchestrator.ts'
import { waitForJobs, waitForJobState } from './support/wait.ts'

useOrchestrator()

describe('BullMQ integration', () => {
  let worker: RunningWorker

  beforeAll(async () => {
    worker = await startWorker({ concurrency: 3 })
  })
  afterEach(() => worker.settled())
  afterAll(() => worker.close())

  test('should number jobs by one counter, whichever queue object adds them', async () => {
    const other = new Queue(QUEUE_NAME, { connection: getRedis() })
    const first = await addTestJob()
    const second = await other.add('test_job', { organizationId: 'unused' }, { delay: 60_000 })
    const third = await addTestJob()
    await other.close()

    expect([first, second.id, third]).toEqual(['1', '2', '3'])
    await waitForJobs([first, third], 'completed')
  })

  test('should tell of progress through queue events', async () => {
    const events = new QueueEvents(QUEUE_NAME, { connection: getRedis().duplicate() })
    await events.waitUntilReady()
    const seen: unknown[] = []
    events.on('progress', ({ data }) => seen.push(data))
    const jobId = await addTestJob({ steps: 4, stepMs: 120 })
    const job = await getQueue().getJob(jobId)

    const result = await job?.waitUntilFinished(events, 10_000)
    await events.close()

    expect(result).toMatchObject({ message: 'ok' })
    expect(seen).toEqual([25, 50, 75, 100])
    await waitForJobState(jobId, 'completed')
  })

  test('should keep the results of finished jobs', async () => {
    const ids = await addTestJobs(3, { message: 'kept', steps: 2, stepMs: 100 })

    await waitForJobs(ids, 'completed')

    const jobs = await getQueue().getCompleted()
    expect(jobs.map((job) => job.returnvalue.message)).toEqual(['kept', 'kept', 'kept'])
    expect(await getQueue().getJobCounts('completed', 'failed')).toEqual({ completed: 3, failed: 0 })
  })

  test('should not start a delayed job before its time', async () => {
    const jobId = await addTestJob({}, { delay: 700 })

    await waitForJobState(jobId, 'completed')

    const job = await getQueue().getJob(jobId)
    expect(job?.processedOn).toBeGreaterThanOrEqual((job?.timestamp ?? 0) + 700)
  })
})

describe('Edge Cases', () => {
  let worker: RunningWorker

  beforeAll(async () => {
    worker = await startWorker({ concurrency: 3 })
  })
  afterEach(() => worker.settled())
  afterAll(() => worker.close())

  test('should handle multiple concurrent jobs', async () => {
    const ids = await addTestJobs(9, { steps: 3, stepMs: 100 })

    const rows = await waitForJobs(ids, 'completed')

    expect(rows.map((row) => row.attempt)).toEqual(ids.map(() => 1))
  })

  test('should keep the order of jobs of equal priority', async () => {
    await getQueue().pause()
    const ids = await addTestJobs(5, { stepMs: 60 })
    await getQueue().resume()

    await waitForJobs(ids, 'completed')

    const jobs = await Promise.all(ids.map((id) => getQueue().getJob(id)))
    const started = jobs.map((job) => job?.processedOn ?? 0)
    expect(started).toEqual(started.toSorted((a, b) => a - b))
  })

  test('should carry a large message there and back', async () => {
    const message = 'ä'.repeat(1_000)
    const jobId = await addTestJob({ message, steps: 3, stepMs: 100 })

    const status = await waitForJobState(jobId, 'completed')

    expect(status.result).toMatchObject({ message })
  })

  test('should start nothing while the queue is paused', async () => {
    await getQueue().pause()
    const ids = await addTestJobs(3, { steps: 2, stepMs: 100 })
    const counts = await getQueue().getJobCounts('prioritized', 'active')
    const resumedAt = Date.now()
    await getQueue().resume()

    const rows = await waitForJobs(ids, 'completed')

    expect(counts).toEqual({ prioritized: 3, active: 0 })
    for (const row of rows) expect(row.startedAt?.getTime()).toBeGreaterThanOrEqual(resumedAt)
    expect(await getQueue().isPaused()).toBe(false)
  })
})
