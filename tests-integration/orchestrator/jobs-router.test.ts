import { findJobStatus, getPool, getQueue } from '@vitest-lanes/orchestrator'
import { describe, expect, test } from 'vitest'
import {
  addTestJob,
  addTestJobs,
  callAs,
  createTestCourse,
  OTHER_ORGANIZATION,
  TEST_ORGANIZATION,
} from './support/fixtures.ts'
import { startTestWorker, useOrchestrator } from './support/orchestrator.ts'
import { waitForJobs, waitForJobState, waitForProgress } from './support/wait.ts'

useOrchestrator()

const author = callAs('author')
const viewer = callAs('viewer')
const admin = callAs('admin')
const stranger = callAs('admin', OTHER_ORGANIZATION)

describe('jobs.enqueue', () => {
  test('adds a job that a worker completes', async () => {
    await startTestWorker()
    const { jobId } = await author.jobs.enqueue({
      type: 'test_job',
      data: { message: 'by API', steps: 3, stepMs: 120 },
    })

    const status = await waitForJobState(jobId, ['completed', 'failed'])

    expect(status).toMatchObject({ state: 'completed', result: { message: 'by API' } })
  })

  test('returns an id whose status is known at once', async () => {
    const { jobId } = await author.jobs.enqueue({ type: 'test_job', data: {} })

    expect(await author.jobs.getStatus({ jobId })).toMatchObject({
      state: 'waiting',
      type: 'test_job',
      attempt: 0,
    })
  })

  test('takes the organization from the session, whatever the data say', async () => {
    const data = { organizationId: OTHER_ORGANIZATION.id }
    const { jobId } = await author.jobs.enqueue({ type: 'test_job', data })

    expect((await findJobStatus(getPool(), jobId))?.organizationId).toBe(TEST_ORGANIZATION.id)
  })

  test('refuses data that do not fit the type, and adds nothing', async () => {
    const enqueue = author.jobs.enqueue({ type: 'test_job', data: { steps: 0 } })

    await expect(enqueue).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect(await getQueue().count()).toBe(0)
  })

  test('refuses a type that is not in the catalogue', async () => {
    const enqueue = author.jobs.enqueue({ type: 'mine-bitcoin' as 'test_job', data: {} })

    await expect(enqueue).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('is not for viewers', async () => {
    const enqueue = viewer.jobs.enqueue({ type: 'test_job', data: {} })

    await expect(enqueue).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'This needs the role author' })
  })

  test('lets an urgent job start before those that wait', async () => {
    const usual = await author.jobs.enqueue({ type: 'test_job', data: { stepMs: 150 } })
    const urgent = await author.jobs.enqueue({ type: 'test_job', data: { stepMs: 150 }, priority: 'high' })
    await startTestWorker({ concurrency: 1 })

    const [second, first] = await waitForJobs([usual.jobId, urgent.jobId], 'completed')

    expect(first?.startedAt?.getTime()).toBeLessThan(second?.startedAt?.getTime() ?? 0)
  })

  test('holds a delayed job back', async () => {
    const { jobId } = await author.jobs.enqueue({ type: 'test_job', data: {}, delay: 500 })
    await startTestWorker()

    await waitForJobState(jobId, 'completed')

    const job = await getQueue().getJob(jobId)
    expect(job?.processedOn).toBeGreaterThanOrEqual((job?.timestamp ?? 0) + 500)
  })
})

describe('jobs.getStatus', () => {
  test('tells the outcome of a finished job', async () => {
    await startTestWorker()
    const jobId = await addTestJob(
      { failAttempts: 1, stepMs: 100 },
      { attempts: 2, backoff: { type: 'fixed', delay: 200 } },
    )
    await waitForJobState(jobId, 'completed')

    const status = await viewer.jobs.getStatus({ jobId })

    expect(status).toMatchObject({
      jobId,
      state: 'completed',
      attempt: 2,
      maxAttempts: 2,
      progress: 100,
      error: null,
    })
  })

  test('tells how far a running job is', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ steps: 5, stepMs: 120 })
    await waitForProgress(jobId, 40)

    const status = await viewer.jobs.getStatus({ jobId })

    expect(status.progress).toBeGreaterThanOrEqual(40)
    await waitForJobState(jobId, 'completed')
  })

  test('answers NOT_FOUND for a job that does not exist', async () => {
    const getStatus = viewer.jobs.getStatus({ jobId: '4711' })

    await expect(getStatus).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Job 4711 not found' })
  })

  test("answers NOT_FOUND for another organization's job", async () => {
    const jobId = await addTestJob()

    const getStatus = stranger.jobs.getStatus({ jobId })

    await expect(getStatus).rejects.toMatchObject({ code: 'NOT_FOUND', message: `Job ${jobId} not found` })
  })
})

describe('jobs.list', () => {
  test('begins with the newest', async () => {
    const ids = await addTestJobs(4)

    const { jobs } = await viewer.jobs.list({})

    expect(jobs.map((job) => job.jobId)).toEqual(ids.toReversed())
  })

  test('pages through all jobs without a gap or a repetition', async () => {
    const ids = await addTestJobs(7)

    const first = await viewer.jobs.list({ limit: 3 })
    const second = await viewer.jobs.list({ limit: 3, cursor: first.nextCursor })
    const third = await viewer.jobs.list({ limit: 3, cursor: second.nextCursor })

    const pages = [first, second, third].map((page) => page.jobs.map((job) => job.jobId))
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1])
    expect(pages.flat()).toEqual(ids.toReversed())
    expect(third.nextCursor).toBeUndefined()
  })

  test('shows only the states asked for', async () => {
    await startTestWorker()
    const done = await addTestJobs(2, { stepMs: 100 })
    const failed = await addTestJob({ failAttempts: 1, stepMs: 100 })
    await addTestJob({}, { delay: 60_000 })
    await waitForJobs([...done, failed], ['completed', 'failed'])

    const { jobs } = await viewer.jobs.list({ states: ['completed', 'failed'] })

    expect(jobs.map((job) => job.jobId)).toEqual([failed, ...done.toReversed()])
  })

  test('shows only the types asked for', async () => {
    await addTestJobs(2)
    const { jobId } = await author.jobs.enqueue({ type: 'maintenance', data: {} })

    const { jobs } = await viewer.jobs.list({ types: ['maintenance'] })

    expect(jobs.map((job) => job.jobId)).toEqual([jobId])
  })

  test("shows nothing of another organization's", async () => {
    await addTestJobs(3)

    expect(await stranger.jobs.list({})).toEqual({ jobs: [] })
  })

  test.each([0, 101, 2.5])('refuses a limit of %s', async (limit) => {
    await expect(viewer.jobs.list({ limit })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})

describe('jobs.counts', () => {
  test('counts the jobs of the organization by state', async () => {
    await startTestWorker()
    const ids = await addTestJobs(3, { steps: 2, stepMs: 100 })
    await addTestJobs(2, {}, { delay: 60_000 })
    await addTestJob({ organizationId: OTHER_ORGANIZATION.id }, { delay: 60_000 })
    await waitForJobs(ids, 'completed')

    expect(await viewer.jobs.counts()).toEqual({ completed: 3, waiting: 2 })
  })

  test('shows the whole queue to admins alone', async () => {
    await addTestJobs(2)
    await addTestJob({ organizationId: OTHER_ORGANIZATION.id }, { delay: 60_000 })

    expect(await admin.jobs.queueCounts()).toMatchObject({ prioritized: 2, delayed: 1, active: 0 })
    await expect(author.jobs.queueCounts()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('jobs.cancel and jobs.retry', () => {
  test("do not touch another organization's job", async () => {
    const jobId = await addTestJob()

    await expect(stranger.jobs.cancel({ jobId })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await viewer.jobs.getStatus({ jobId })).toMatchObject({ state: 'waiting', cancelRequested: false })
  })

  test('give a failed job another chance', async () => {
    await startTestWorker()
    const course = await createTestCourse()
    const { jobId } = await author.jobs.enqueue({
      type: 'document-parsing',
      data: { courseId: course.id, document: { name: 'empty.md', text: '# Only a heading' } },
    })
    await waitForJobState(jobId, 'failed')
    const job = await getQueue().getJob(jobId)
    await job?.updateData({ ...job.data, document: { name: 'full.md', text: '# Cells\nThey divide.' } })

    await author.jobs.retry({ jobId })

    expect(await waitForJobState(jobId, ['completed', 'failed'])).toMatchObject({
      state: 'completed',
      error: null,
    })
  })
})
