import {
  cancelJob,
  countJobs,
  createJobStatus,
  enqueueJob,
  findJobStatus,
  getPool,
  getQueue,
  type JobAttempt,
  listJobEvents,
  listJobs,
  pruneJobStatus,
  saveJobState,
} from '@vitest-lanes/orchestrator'
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

const attempt = (jobId: string, number: number): JobAttempt => ({
  jobId,
  type: 'test_job',
  organizationId: TEST_ORGANIZATION.id,
  courseId: null,
  attempt: number,
  maxAttempts: 3,
})

const addFinalization = (courseId: string) =>
  enqueueJob('finalization', { organizationId: TEST_ORGANIZATION.id, courseId }, { delay: 60_000 })

const statesOf = async (jobId: string) => (await listJobEvents(getPool(), jobId)).map((event) => event.state)

describe('a row of job_status', () => {
  test('says waiting when the job was added', async () => {
    const jobId = await addTestJob({}, { attempts: 3 })

    expect(await findJobStatus(getPool(), jobId)).toMatchObject({
      state: 'waiting',
      attempt: 0,
      maxAttempts: 3,
      progress: 0,
      startedAt: null,
      finishedAt: null,
    })
  })

  test('says active while the job runs', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ steps: 60, stepMs: 100 })

    const active = await waitForJobState(jobId, 'active')
    await cancelJob(jobId)

    expect(active).toMatchObject({ attempt: 1, finishedAt: null })
    expect(active.startedAt).toBeInstanceOf(Date)
    await waitForJobState(jobId, 'cancelled')
  })

  test('says completed, and when, after the job has started', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ steps: 3, stepMs: 80 })

    const { startedAt, finishedAt } = await waitForJobState(jobId, 'completed')

    expect(Number(finishedAt)).toBeGreaterThan(Number(startedAt))
  })

  test('tells the progress of each step', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ steps: 5, stepMs: 100 })

    const seen = [
      await waitForProgress(jobId, 20),
      await waitForProgress(jobId, 80),
      await waitForProgress(jobId, 100),
    ]

    const progress = seen.map((row) => row.progress)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    await waitForJobState(jobId, 'completed')
  })

  test('keeps how far a job came that failed', async () => {
    const course = await createTestCourse()
    await startTestWorker()
    const jobId = await enqueueJob(
      'text-generation',
      { organizationId: TEST_ORGANIZATION.id, courseId: course.id, lessonId: course.id },
      { attempts: 2 },
    )

    const status = await waitForJobState(jobId, 'failed')

    expect(status).toMatchObject({ progress: 0, courseId: course.id, result: null })
    expect(status.error).toBe(`Lesson ${course.id} is not in course ${course.id}`)
  })

  test('keeps the result as it was returned', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ message: '{"quotes": "\' and \\" and ümlaut"}', steps: 2, stepMs: 150 })

    const { result } = await waitForJobState(jobId, 'completed')

    expect(result).toEqual({ message: '{"quotes": "\' and \\" and ümlaut"}', attempt: 1 })
  })
})

describe('writes that come late', () => {
  test('an earlier attempt changes nothing', async () => {
    await saveJobState(getPool(), attempt('late', 2), { state: 'active' })

    const written = await saveJobState(getPool(), attempt('late', 1), { state: 'failed', error: 'late' })

    expect(written).toBeUndefined()
    expect(await findJobStatus(getPool(), 'late')).toMatchObject({ state: 'active', attempt: 2, error: null })
  })

  test('the row of a worker that was faster than the caller is kept', async () => {
    await saveJobState(getPool(), attempt('fast', 1), { state: 'completed', result: 'done' })

    await createJobStatus(getPool(), attempt('fast', 0))

    expect(await findJobStatus(getPool(), 'fast')).toMatchObject({ state: 'completed', result: 'done' })
  })

  test('adding many jobs at once writes one row for each', async () => {
    await startTestWorker({ concurrency: 8 })

    const ids = await Promise.all(Array.from({ length: 40 }, () => addTestJob({ steps: 2, stepMs: 60 })))
    await waitForJobs(ids, 'completed')

    expect(new Set(ids).size).toBe(40)
    expect(await countJobs(getPool())).toEqual({ completed: 40 })
  })
})

describe('the history of a job', () => {
  test('lists each state once, in order', async () => {
    const jobId = await addTestJob({ steps: 3, stepMs: 120 })
    await startTestWorker()
    await waitForJobState(jobId, 'completed')

    expect(await statesOf(jobId)).toEqual(['waiting', 'active', 'completed'])
  })

  test('lists each attempt', async () => {
    const backoff = { type: 'fixed', delay: 300 }
    const jobId = await addTestJob({ failAttempts: 2, stepMs: 60 }, { attempts: 3, backoff })
    await startTestWorker()
    await waitForJobState(jobId, 'completed')

    expect(await statesOf(jobId)).toEqual([
      'waiting',
      'active',
      'retrying',
      'active',
      'retrying',
      'active',
      'completed',
    ])
  })

  test('lists its cancellation', async () => {
    const jobId = await addTestJob({}, { delay: 60_000 })
    await callAs('author').jobs.cancel({ jobId })

    expect(await statesOf(jobId)).toEqual(['waiting', 'cancelled'])
  })

  test('is shown to its organization alone', async () => {
    const jobId = await addTestJob({ steps: 3, stepMs: 100 })
    await startTestWorker()
    await waitForJobState(jobId, 'completed')

    const own = await callAs('viewer').jobs.history({ jobId })
    const foreign = callAs('viewer', OTHER_ORGANIZATION).jobs.history({ jobId })

    expect(own.map((event) => event.state)).toEqual(['waiting', 'active', 'completed'])
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND', message: `Job ${jobId} not found` })
  })
})

describe('lists', () => {
  test('can be of one course', async () => {
    const [course, other] = [await createTestCourse('one'), await createTestCourse('two')]
    const jobId = await addFinalization(course.id)
    await addFinalization(other.id)

    const { jobs } = await listJobs(getPool(), { courseId: course.id, limit: 10 })

    expect(jobs.map((job) => job.jobId)).toEqual([jobId])
  })

  test('keep their pages when jobs are added meanwhile', async () => {
    const ids = await addTestJobs(5)
    const first = await listJobs(getPool(), { limit: 3 })
    await addTestJobs(2)

    const second = await listJobs(getPool(), { limit: 3, cursor: first.nextCursor ?? '' })

    expect([...first.jobs, ...second.jobs].map((job) => job.jobId)).toEqual(ids.toReversed())
  })

  test('agree with what the queue says', async () => {
    await startTestWorker()
    const done = await addTestJobs(3, { steps: 2, stepMs: 120 })
    const failed = await addTestJobs(2, { failAttempts: 1, stepMs: 120 })
    await waitForJobs([...done, ...failed], ['completed', 'failed'])

    expect(await countJobs(getPool())).toEqual({ completed: 3, failed: 2 })
    expect(await getQueue().getJobCounts('completed', 'failed')).toEqual({ completed: 3, failed: 2 })
  })
})

describe('maintenance', () => {
  test('takes away finished jobs and no others', async () => {
    await startTestWorker()
    const done = await addTestJobs(2, { stepMs: 100 })
    const waiting = await addTestJob({}, { delay: 60_000 })
    await waitForJobs(done, 'completed')

    const pruned = await pruneJobStatus(getPool(), 0)

    expect(pruned).toBe(2)
    expect((await listJobs(getPool(), { limit: 10 })).jobs.map((job) => job.jobId)).toEqual([waiting])
  })

  test('runs as a job, and spares what has just finished', async () => {
    await startTestWorker()
    const done = await addTestJob({ steps: 3, stepMs: 100 })
    await waitForJobState(done, 'completed')
    const jobId = await enqueueJob('maintenance', { organizationId: TEST_ORGANIZATION.id, keepMs: 60_000 })

    expect((await waitForJobState(jobId, 'completed')).result).toEqual({ pruned: 0 })
    expect(await findJobStatus(getPool(), done)).toBeDefined()
  })
})
