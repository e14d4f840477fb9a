import {
  createTemplateModel,
  enqueueJob,
  getPool,
  getQueue,
  listJobEvents,
  listLessons,
  ModelBusyError,
  replaceStructure,
  retryJob,
  type TextModel,
} from '@vitest-lanes/orchestrator'
import { describe, expect, test } from 'vitest'
import {
  addTestJob,
  addTestJobs,
  createTestCourse,
  outlineOf,
  TEST_ORGANIZATION,
} from './support/fixtures.ts'
import { startTestWorker, useOrchestrator } from './support/orchestrator.ts'
import { waitForJobs, waitForJobState } from './support/wait.ts'

useOrchestrator()

const ended = ['completed', 'failed'] as const
const fixed = (delay: number) => ({ type: 'fixed', delay })

/** Milliseconds from the adding of a job to its end, by the queue's own times. */
async function durationOf(jobId: string): Promise<number> {
  const job = await getQueue().getJob(jobId)
  return (job?.finishedOn ?? Number.NaN) - (job?.timestamp ?? Number.NaN)
}

async function addLessonJob() {
  const course = await createTestCourse()
  const key = { organizationId: TEST_ORGANIZATION.id, courseId: course.id }
  await replaceStructure(getPool(), key, outlineOf(1))
  const [lesson] = await listLessons(getPool(), course.id)
  return enqueueJob('text-generation', { ...key, lessonId: lesson?.id ?? '' })
}

describe('attempts', () => {
  test('a job is tried once unless it says otherwise', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ failAttempts: 1, stepMs: 150 })

    expect(await waitForJobState(jobId, ended)).toMatchObject({ state: 'failed', attempt: 1, maxAttempts: 1 })
  })

  test('a job that fails each time is tried as often as it may be', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ failAttempts: 20, stepMs: 50 }, { attempts: 4, backoff: fixed(50) })

    const status = await waitForJobState(jobId, ended)

    expect(status).toMatchObject({ state: 'failed', attempt: 4, error: 'test_job failed on attempt 4' })
  })

  test('without a pause the next attempt follows at once', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ failAttempts: 2, stepMs: 80 }, { attempts: 3 })

    expect(await waitForJobState(jobId, ended)).toMatchObject({ state: 'completed', attempt: 3 })
  })

  test('the error of an attempt is gone when a later one succeeds', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ failAttempts: 1 }, { attempts: 2, backoff: fixed(800) })

    const between = await waitForJobState(jobId, 'retrying')
    const after = await waitForJobState(jobId, ended)

    expect(between).toMatchObject({ error: 'test_job failed on attempt 1', finishedAt: null })
    expect(after).toMatchObject({ state: 'completed', error: null })
  })
})

describe('pauses', () => {
  test('a fixed pause is kept before each attempt', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ failAttempts: 2 }, { attempts: 3, backoff: fixed(250) })
    await waitForJobState(jobId, ended)

    expect(await durationOf(jobId)).toBeGreaterThanOrEqual(2 * 250)
  })

  test('an exponential pause doubles', async () => {
    await startTestWorker()
    const jobId = await addTestJob(
      { failAttempts: 3 },
      { attempts: 4, backoff: { type: 'exponential', delay: 100 } },
    )
    await waitForJobState(jobId, ended)

    expect(await durationOf(jobId)).toBeGreaterThanOrEqual(100 + 200 + 400)
  })

  test('other jobs run while one waits for its next attempt', async () => {
    await startTestWorker({ concurrency: 1 })
    const troubled = await addTestJob({ failAttempts: 1 }, { attempts: 2, backoff: fixed(500) })
    const others = await addTestJobs(3, { stepMs: 50 })

    const rows = await waitForJobs([...others, troubled], ended)

    const finished = rows.map((row) => row.finishedAt?.getTime() ?? 0)
    expect(Math.max(...finished)).toBe(finished.at(-1))
  })

  test('a model that asks for a pause gets it, and no attempt is lost', async () => {
    const patient = createTemplateModel(50)
    let calls = 0
    const model: TextModel = {
      async write(request, signal) {
        calls += 1
        if (calls === 1) throw new ModelBusyError(300)
        return patient.write(request, signal)
      },
    }
    await startTestWorker({ model })
    const jobId = await addLessonJob()

    const status = await waitForJobState(jobId, ended)
    const job = await getQueue().getJob(jobId)

    expect(status.state).toBe('completed')
    expect(calls).toBe(2)
    expect(job?.attemptsMade).toBe(1)
  })
})

describe('attempts that cannot succeed', () => {
  test('an attempt that takes too long is ended, and tried again', async () => {
    await startTestWorker()
    const jobId = await addTestJob(
      { steps: 50, stepMs: 100, timeoutMs: 300 },
      { attempts: 2, backoff: fixed(100) },
    )

    const status = await waitForJobState(jobId, ended)

    expect(status).toMatchObject({
      state: 'failed',
      attempt: 2,
      error: `Job ${jobId} took longer than 300 ms`,
    })
  })

  test('a type that nobody knows is not tried again', async () => {
    await startTestWorker()
    const job = await getQueue().add(
      'mine-bitcoin',
      { organizationId: TEST_ORGANIZATION.id },
      { attempts: 5 },
    )

    const status = await waitForJobState(job.id ?? '', ended)

    expect(status).toMatchObject({ state: 'failed', attempt: 1, error: 'There is no job type mine-bitcoin' })
  })

  test('data that are not valid are not tried again', async () => {
    await startTestWorker()
    const data = { organizationId: TEST_ORGANIZATION.id, steps: -1 }
    const job = await getQueue().add('test_job', data, { attempts: 5 })

    const status = await waitForJobState(job.id ?? '', ended)

    expect(status).toMatchObject({ state: 'failed', attempt: 1 })
    expect(status.error).toContain('not valid for test_job')
  })
})

describe('retries by hand', () => {
  test('a failed job gets all its attempts again', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ failAttempts: 2, stepMs: 60 }, { attempts: 2, backoff: fixed(100) })
    await waitForJobState(jobId, 'failed')

    await retryJob(jobId)
    await waitForJobState(jobId, 'failed')

    const events = await listJobEvents(getPool(), jobId)
    expect(events.filter(({ state }) => state === 'active').map(({ attempt }) => attempt)).toEqual([
      1, 2, 3, 4,
    ])
  })

  test('a job that has not failed is left alone', async () => {
    await startTestWorker()
    const jobId = await addTestJob({ steps: 3, stepMs: 100 })
    await waitForJobState(jobId, 'completed')

    await expect(retryJob(jobId)).rejects.toThrow(`Job ${jobId} cannot be retried: it is completed`)
  })

  test('all failed jobs of the queue can be tried again together', async () => {
    await startTestWorker()
    const ids = await addTestJobs(3, { failAttempts: 1, stepMs: 60 }, { attempts: 1 })
    await waitForJobs(ids, 'failed')

    await getQueue().retryJobs({ state: 'failed' })
    const rows = await waitForJobs(ids, 'completed')

    expect(rows.map((row) => row.attempt)).toEqual([2, 2, 2])
  })
})
