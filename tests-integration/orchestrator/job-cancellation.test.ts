import { getPool, getQueue, listJobEvents, type RunningWorker, startWorker } from '@vitest-lanes/orchestrator'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { addTestJob, callAs } from './support/fixtures.ts'
import { useOrchestrator } from './support/orchestrator.ts'
import { waitForJobState, waitForProgress } from './support/wait.ts'

useOrchestrator()

describe('Job Cancellation System', () => {
  const api = callAs('author')
  let worker: RunningWorker

  beforeAll(async () => {
    worker = await startWorker({ concurrency: 1 })
  })
  afterEach(() => worker.settled())
  afterAll(() => worker.close())

  test('Scenario 1: a running job stops before its next step', async () => {
    const jobId = await addTestJob({ steps: 40, stepMs: 100 }, { attempts: 3 })
    await waitForProgress(jobId, 10)

    const { outcome } = await api.jobs.cancel({ jobId })
    const status = await waitForJobState(jobId, ['cancelled', 'completed', 'failed'])

    expect(outcome).toBe('cancelling')
    expect(status).toMatchObject({ state: 'cancelled', attempt: 1, cancelRequested: true })
    expect(status.progress).toBeLessThan(100)
  })

  test('Scenario 2: a waiting job leaves the queue at once, and the next one runs', async () => {
    const running = await addTestJob({ steps: 60, stepMs: 100 })
    const waiting = await addTestJob()
    const next = await addTestJob({ steps: 6, stepMs: 100 })
    await waitForJobState(running, 'active')

    const { outcome } = await api.jobs.cancel({ jobId: waiting })
    await api.jobs.cancel({ jobId: running })

    expect(outcome).toBe('cancelled')
    expect(await getQueue().getJob(waiting)).toBeUndefined()
    await waitForJobState(next, 'completed')
    const events = await listJobEvents(getPool(), waiting)
    expect(events.map((event) => event.state)).toEqual(['waiting', 'cancelled'])
  })

  test('Scenario 3: a delayed job never starts', async () => {
    const delayed = await addTestJob({}, { delay: 800 })
    await api.jobs.cancel({ jobId: delayed })
    const after = await addTestJob({}, { delay: 800 })

    await waitForJobState(after, 'completed')

    expect(await api.jobs.getStatus({ jobId: delayed })).toMatchObject({
      state: 'cancelled',
      startedAt: null,
    })
  })

  test('Scenario 4: a job that waits for its next attempt is not tried again', async () => {
    const backoff = { type: 'fixed', delay: 1_000 }
    const jobId = await addTestJob({ failAttempts: 5 }, { attempts: 6, backoff })
    await waitForJobState(jobId, 'retrying')

    await api.jobs.cancel({ jobId })
    const later = await addTestJob({}, { delay: 1_000 })
    await waitForJobState(later, 'completed')

    expect(await api.jobs.getStatus({ jobId })).toMatchObject({ state: 'cancelled', attempt: 1 })
  })

  test('Scenario 5: a finished job cannot be cancelled', async () => {
    const jobId = await addTestJob({ steps: 3, stepMs: 100 })
    await waitForJobState(jobId, 'completed')

    await expect(api.jobs.cancel({ jobId })).rejects.toThrow(
      `Job ${jobId} cannot be cancelled: it has completed`,
    )
    expect(await api.jobs.getStatus({ jobId })).toMatchObject({ state: 'completed', cancelRequested: false })
  })
})
