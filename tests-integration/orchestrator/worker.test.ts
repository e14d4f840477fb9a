import { fork } from 'node:child_process'
import { once } from 'node:events'
import {
  enqueueJob,
  getPool,
  getQueue,
  listJobEvents,
  type RunningWorker,
  startWorker,
} from '@vitest-lanes/orchestrator'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { addTestJob, createTestCourse, TEST_ORGANIZATION } from './support/fixtures.ts'
import { startTestWorker, useOrchestrator } from './support/orchestrator.ts'
import { waitForJobState, waitForProgress } from './support/wait.ts'

useOrchestrator()

describe('Orchestrator worker', () => {
  let worker: RunningWorker

  beforeAll(async () => {
    worker = await startWorker()
  })
  afterEach(() => worker.settled())
  afterAll(() => worker.close())

  test('should process a test job successfully', async () => {
    const jobId = await addTestJob({ message: 'hello', steps: 4, stepMs: 150 })

    const status = await waitForJobState(jobId, ['completed', 'failed'])

    expect(status).toMatchObject({
      state: 'completed',
      progress: 100,
      result: { message: 'hello', attempt: 1 },
    })
    expect(await getQueue().getJobState(jobId)).toBe('completed')
  })

  test('should process each type of job by its own handler', async () => {
    const course = await createTestCourse()
    const parsing = await enqueueJob('document-parsing', {
      organizationId: TEST_ORGANIZATION.id,
      courseId: course.id,
      document: {
        name: 'cells.md',
        text: '# Cells\nA cell has a membrane. It has a nucleus.\n# Tissue\nCells form it.',
      },
    })
    const trial = await addTestJob({ message: 'beside it', steps: 3, stepMs: 150 })

    const parsed = await waitForJobState(parsing, ['completed', 'failed'])
    const tried = await waitForJobState(trial, ['completed', 'failed'])

    expect(parsed.result).toMatchObject({ topics: [{ title: 'Cells' }, { title: 'Tissue' }] })
    expect(tried.result).toMatchObject({ message: 'beside it' })
  })

  test('should retry with growing pauses until the job succeeds', async () => {
    const backoff = { type: 'exponential', delay: 200 }
    const jobId = await addTestJob({ failAttempts: 2 }, { attempts: 3, backoff })

    await waitForJobState(jobId, ['completed', 'failed'])

    const events = await listJobEvents(getPool(), jobId)
    expect(events.filter((event) => event.state === 'active').map((event) => event.attempt)).toEqual([
      1, 2, 3,
    ])
    expect(events.at(-1)).toMatchObject({ state: 'completed', attempt: 3 })
  })

  test('should write down why a job failed for good', async () => {
    const jobId = await addTestJob({ failAttempts: 9, steps: 2, stepMs: 100 }, { attempts: 2 })

    const status = await waitForJobState(jobId, ['completed', 'failed'])

    expect(status).toMatchObject({ state: 'failed', attempt: 2, error: 'test_job failed on attempt 2' })
    expect(status.finishedAt).not.toBeNull()
  })
})

describe('Orchestrator worker that is killed', () => {
  // A process has to start: that takes long where the machine is busy.
  test('should leave its job to another one', { timeout: 90_000 }, async () => {
    const doomed = fork(new URL('support/worker-process.mjs', import.meta.url))
    const exited = once(doomed, 'exit')
    onTestFinished(() => void doomed.kill('SIGKILL'))
    await Promise.race([once(doomed, 'message'), exited])
    const jobId = await addTestJob({ steps: 12, stepMs: 100 })
    await waitForProgress(jobId, 10)
    doomed.kill('SIGKILL')
    await exited

    await startTestWorker({ stalledInterval: 300 })
    const status = await waitForJobState(jobId, ['completed', 'failed'])

    expect(status).toMatchObject({ state: 'completed', attempt: 2 })
  })
})
