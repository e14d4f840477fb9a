import { cancelJob, findJobStatus, getPool, getQueue, listJobEvents } from '@vitest-lanes/orchestrator'
import type { Job } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { addTestJob, addTestJobs } from './support/fixtures.ts'
import { startTestWorker, useOrchestrator } from './support/orchestrator.ts'
import { waitForJobs, waitForJobState, waitForProgress } from './support/wait.ts'

useOrchestrator()

async function jobsOf(ids: readonly string[]): Promise<Job[]> {
  const jobs: (Job | undefined)[] = await Promise.all(ids.map((id) => getQueue().getJob(id)))
  return jobs.filter((job) => job !== undefined)
}

/** The most jobs that ran at the same time, by the queue's own times. */
function mostAtOnce(jobs: readonly Job[]): number {
  return Math.max(
    ...jobs.map(
      ({ processedOn: at = 0 }) =>
        jobs.filter(({ processedOn = 0, finishedOn = 0 }) => processedOn <= at && at < finishedOn).length,
    ),
  )
}

describe('one worker', () => {
  test('of concurrency 1 runs one job at a time', async () => {
    await startTestWorker({ concurrency: 1 })
    const ids = await addTestJobs(3, { steps: 2, stepMs: 60 })

    await waitForJobs(ids, 'completed')

    expect(mostAtOnce(await jobsOf(ids))).toBe(1)
  })

  test('runs no more jobs at once than its concurrency', async () => {
    await startTestWorker({ concurrency: 3 })
    const ids = await addTestJobs(7, { steps: 2, stepMs: 80 })

    await waitForJobs(ids, 'completed')

    const most = mostAtOnce(await jobsOf(ids))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(3)
  })

  test('can be given a greater concurrency while it runs', async () => {
    const { worker } = await startTestWorker({ concurrency: 1 })
    const ids = await addTestJobs(5, { steps: 3, stepMs: 50 })
    await waitForJobState(ids[0] as string, 'completed')
    worker.concurrency = 4

    await waitForJobs(ids, 'completed')

    expect(mostAtOnce(await jobsOf(ids))).toBeGreaterThan(1)
  })

  test('does not let a slow job hold up the quick ones', async () => {
    await startTestWorker({ concurrency: 2 })
    const slow = await addTestJob({ steps: 8, stepMs: 100 })
    const quick = await addTestJobs(3, { stepMs: 50 })

    const rows = await waitForJobs([...quick, slow], 'completed')

    const finished = rows.map((row) => Number(row.finishedAt))
    expect(Math.max(...finished)).toBe(finished.at(-1))
  })

  test('takes no new job while it is paused, and finishes those that run', async () => {
    const { worker } = await startTestWorker({ concurrency: 1 })
    const [running, waiting] = await addTestJobs(2, { steps: 8, stepMs: 100 })
    await waitForJobState(running as string, 'active')

    await worker.pause(true)
    const ran = await waitForJobState(running as string, 'completed')
    const waits = await findJobStatus(getPool(), waiting as string)
    worker.resume()

    expect(ran.attempt).toBe(1)
    expect(waits?.state).toBe('waiting')
    await waitForJobState(waiting as string, 'active')
    await cancelJob(waiting as string)
  })

  test('closes only when the job that runs has its outcome in the database', async () => {
    const running = await startTestWorker()
    const jobId = await addTestJob({ steps: 5, stepMs: 80 })
    await waitForProgress(jobId, 20)

    await running.close()

    expect(await findJobStatus(getPool(), jobId)).toMatchObject({ state: 'completed', progress: 100 })
  })

  test('finds the jobs that were added before it started', async () => {
    const ids = await addTestJobs(3, { steps: 2, stepMs: 80 })
    await startTestWorker()

    expect((await waitForJobs(ids, 'completed')).map((row) => row.attempt)).toEqual([1, 1, 1])
  })
})

describe('several workers', () => {
  test('run each job once', async () => {
    await Promise.all([startTestWorker({ concurrency: 2 }), startTestWorker({ concurrency: 2 })])
    const ids = await addTestJobs(12, { steps: 2, stepMs: 50 })

    await waitForJobs(ids, 'completed')

    const histories = await Promise.all(ids.map((id) => listJobEvents(getPool(), id)))
    const starts = histories.map((events) => events.filter(({ state }) => state === 'active').length)
    expect(starts).toEqual(ids.map(() => 1))
  })

  test('go on when one of them closes', async () => {
    const [leaving] = await Promise.all([
      startTestWorker({ concurrency: 1 }),
      startTestWorker({ concurrency: 1 }),
    ])
    const ids = await addTestJobs(6, { steps: 2, stepMs: 70 })
    await waitForJobState(ids[0] as string, 'completed')

    await leaving.close()

    expect((await waitForJobs(ids, 'completed')).map((row) => row.attempt)).toEqual(ids.map(() => 1))
  })
})

describe('rate limits', () => {
  test('let only so many jobs start in a while', async () => {
    await startTestWorker({ limiter: { max: 2, duration: 350 } })
    const ids = await addTestJobs(6, { stepMs: 20 })

    await waitForJobs(ids, 'completed')

    const starts = (await jobsOf(ids)).map((job) => job.processedOn ?? 0).toSorted((a, b) => a - b)
    // Three windows, two of which have passed; the times are the worker's, the windows the server's.
    expect((starts[5] ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(400)
  })

  test('hold for all workers together', async () => {
    const limiter = { max: 1, duration: 200 }
    await Promise.all([startTestWorker({ limiter }), startTestWorker({ limiter })])
    const ids = await addTestJobs(4, { stepMs: 20 })

    await waitForJobs(ids, 'completed')

    const starts = (await jobsOf(ids)).map((job) => job.processedOn ?? 0).toSorted((a, b) => a - b)
    expect((starts[3] ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(300)
  })
})

describe('many callers', () => {
  test('get different ids, without a gap', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => addTestJob()))

    const numbers = ids.map(Number).toSorted((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, index) => (numbers[0] ?? 0) + index))
  })

  test('that cancel while a worker starts leave each job in one state', async () => {
    await startTestWorker({ concurrency: 2 })
    const ids = await addTestJobs(8, { steps: 4, stepMs: 60 })

    await Promise.allSettled(ids.map((id) => cancelJob(id)))
    const rows = await waitForJobs(ids, ['completed', 'cancelled'])

    for (const row of rows.filter(({ state }) => state === 'cancelled'))
      expect(row.cancelRequested).toBe(true)
    expect(await getQueue().getJobCounts('active', 'prioritized')).toEqual({ active: 0, prioritized: 0 })
  })

  test('may empty the queue without touching the job that runs', async () => {
    await startTestWorker({ concurrency: 1 })
    const [running, ...waiting] = await addTestJobs(4, { steps: 10, stepMs: 80 })
    await waitForJobState(running as string, 'active')

    await getQueue().drain()

    await waitForJobState(running as string, 'completed')
    expect(await getQueue().count()).toBe(0)
    expect(await jobsOf(waiting)).toEqual([])
  })
})
