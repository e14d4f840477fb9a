import {
  cancelJob,
  findJobStatus,
  getPool,
  getQueue,
  type JobStatus,
  listJobs,
} from '@vitest-lanes/orchestrator'
import { describe, expect, test } from 'vitest'
import { addTestJob, TEST_ORGANIZATION } from './support/fixtures.ts'
import { startTestWorker, useOrchestrator } from './support/orchestrator.ts'
import { waitForJobs, waitForJobState, waitUntil } from './support/wait.ts'

useOrchestrator()

/** The ids in the order in which the jobs were started. */
function orderOfStart(rows: readonly JobStatus[]): string[] {
  return rows.toSorted((a, b) => Number(a.startedAt) - Number(b.startedAt)).map((row) => row.jobId)
}

function completedJobs(): Promise<readonly JobStatus[]> {
  return listJobs(getPool(), { states: ['completed'], limit: 100 }).then((page) => page.jobs)
}

function waitForRuns(count: number): Promise<readonly JobStatus[]> {
  return waitUntil(`${count} runs of the scheduler`, async () => {
    const jobs = await completedJobs()
    return jobs.length >= count ? jobs : undefined
  })
}

const template = (message: string) => ({
  name: 'test_job',
  data: { organizationId: TEST_ORGANIZATION.id, message },
})

describe('delays', () => {
  test('delayed jobs run in the order of their times, not of their adding', async () => {
    await startTestWorker({ concurrency: 1 })
    // Added together, so that their times lie apart as their delays do.
    const [last, first, middle] = await Promise.all([
      addTestJob({}, { delay: 700 }),
      addTestJob({}, { delay: 300 }),
      addTestJob({}, { delay: 500 }),
    ])

    const rows = await waitForJobs([last, first, middle], 'completed')

    expect(orderOfStart(rows)).toEqual([first, middle, last])
  })

  test('a delayed job that is promoted runs at once', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ steps: 2, stepMs: 100 }, { delay: 60_000 })

    const job = await getQueue().getJob(jobId)
    await job?.promote()

    expect(await waitForJobState(jobId, 'completed')).toMatchObject({ attempt: 1 })
  })

  test('a delay can be shortened', async () => {
    await startTestWorker()
    const jobId = await addTestJob({}, { delay: 60_000 })

    const job = await getQueue().getJob(jobId)
    await job?.changeDelay(400)

    expect(await waitForJobState(jobId, 'completed')).toMatchObject({ attempt: 1 })
  })

  test('jobs without a delay do not wait for those with one', async () => {
    await startTestWorker({ concurrency: 1 })
    const [delayed, direct] = await Promise.all([addTestJob({}, { delay: 500 }), addTestJob({ stepMs: 100 })])

    const rows = await waitForJobs([delayed, direct], 'completed')

    expect(orderOfStart(rows)).toEqual([direct, delayed])
  })
})

describe('priorities', () => {
  test('high comes before normal, normal before low', async () => {
    const low = await addTestJob({ stepMs: 80 }, { priority: 'low' })
    const normal = await addTestJob({ stepMs: 80 }, { priority: 'normal' })
    const high = await addTestJob({ stepMs: 80 }, { priority: 'high' })
    await startTestWorker({ concurrency: 1 })

    const rows = await waitForJobs([low, normal, high], 'completed')

    expect(orderOfStart(rows)).toEqual([high, normal, low])
  })

  test('jobs of one priority keep their order', async () => {
    const first = await addTestJob({ stepMs: 80 }, { priority: 'low' })
    const second = await addTestJob({ stepMs: 80 }, { priority: 'low' })
    const urgent = await addTestJob({ stepMs: 80 }, { priority: 'high' })
    const third = await addTestJob({ stepMs: 80 }, { priority: 'low' })
    await startTestWorker({ concurrency: 1 })

    const rows = await waitForJobs([first, second, urgent, third], 'completed')

    expect(orderOfStart(rows)).toEqual([urgent, first, second, third])
  })

  test('a waiting job can be made urgent', async () => {
    const first = await addTestJob({ stepMs: 80 })
    const second = await addTestJob({ stepMs: 80 })
    const job = await getQueue().getJob(second)
    await job?.changePriority({ priority: 1 })
    await startTestWorker({ concurrency: 1 })

    const rows = await waitForJobs([first, second], 'completed')

    expect(orderOfStart(rows)).toEqual([second, first])
  })

  test('an urgent job waits for the one that runs', async () => {
    await startTestWorker({ concurrency: 1 })
    const running = await addTestJob({ steps: 60, stepMs: 100 })
    await waitForJobState(running, 'active')
    const waiting = await addTestJob({ stepMs: 80 })
    const urgent = await addTestJob({ stepMs: 80 }, { priority: 'high' })
    await cancelJob(running)

    const rows = await waitForJobs([running, waiting, urgent], ['completed', 'cancelled'])

    expect(orderOfStart(rows)).toEqual([running, urgent, waiting])
  })
})

describe('schedulers', () => {
  test('a scheduler adds its job again and again', async () => {
    await startTestWorker()
    await getQueue().upsertJobScheduler('heartbeat', { every: 200 }, template('beat'))

    const runs = await waitForRuns(3)
    await getQueue().removeJobScheduler('heartbeat')

    expect(new Set(runs.map((run) => run.jobId)).size).toBe(runs.length)
    expect(runs[0]?.result).toMatchObject({ message: 'beat' })
  })

  test('a scheduler with a limit stops after it', async () => {
    await startTestWorker()
    await getQueue().upsertJobScheduler('thrice', { every: 120, limit: 3 }, template('one of three'))
    await waitForRuns(3)
    const after = await addTestJob({ message: 'after' }, { delay: 360 })
    await waitForJobState(after, 'completed')

    const messages = (await completedJobs()).map((job) => (job.result as { message: string }).message)

    expect(messages.filter((message) => message === 'one of three')).toHaveLength(3)
  })

  test('a scheduler that is removed takes its next job with it', async () => {
    await startTestWorker()
    await getQueue().upsertJobScheduler('short-lived', { every: 3_600_000 }, template('only once'))
    await waitForRuns(1)
    const before = await getQueue().getDelayedCount()
    await getQueue().removeJobScheduler('short-lived')

    expect(before).toBe(1)
    expect(await getQueue().getDelayedCount()).toBe(0)
    expect(await getQueue().getJobSchedulersCount()).toBe(0)
  })

  test('a scheduler of the same name replaces the one before', async () => {
    await getQueue().upsertJobScheduler('report', { every: 3_600_000 }, template('old'))
    await getQueue().upsertJobScheduler('report', { every: 3_600_000 }, template('new'))
    await startTestWorker()

    const runs = await waitForRuns(1)

    expect(runs.map((run) => run.result)).toMatchObject([{ message: 'new' }])
    expect(await getQueue().getJobSchedulersCount()).toBe(1)
  })
})

describe('deduplication', () => {
  test('the same key adds one job while the first has not finished', async () => {
    const first = await addTestJob({ message: 'first', stepMs: 200 }, { deduplicationKey: 'import' })
    const second = await addTestJob({ message: 'second' }, { deduplicationKey: 'import' })
    const other = await addTestJob({ message: 'other' }, { deduplicationKey: 'export' })
    await startTestWorker()

    await waitForJobs([first, other], 'completed')

    expect(second).toBe(first)
    expect(other).not.toBe(first)
    expect((await findJobStatus(getPool(), first))?.result).toMatchObject({ message: 'first' })
  })

  test('a key is free again when its job has finished', async () => {
    await startTestWorker()
    const first = await addTestJob({ steps: 2, stepMs: 100 }, { deduplicationKey: 'import' })
    await waitForJobState(first, 'completed')
    const second = await addTestJob({ steps: 2, stepMs: 100 }, { deduplicationKey: 'import' })

    await waitForJobState(second, 'completed')

    expect(second).not.toBe(first)
  })
})
