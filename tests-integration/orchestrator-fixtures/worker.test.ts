import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe } from 'vitest'
import { ORGANIZATION, test } from './support/app.ts'

describe.concurrent('Orchestrator worker', () => {
  test('should process a test job successfully', async ({ app, bullmq, expect }) => {
    await app.start()
    const jobId = await app.add({ message: 'hello', steps: 4 })

    await expect(bullmq.settled(jobId)).resolves.toEqual({ message: 'hello', attempt: 1 })

    expect(await app.status(jobId)).toMatchObject({
      state: 'completed',
      progress: 100,
      result: { message: 'hello', attempt: 1 },
    })
  })

  test('should process each type of job by its own handler', async ({ app, bullmq, expect }) => {
    await app.start()
    const course = await app.createCourse(app.getPool(), {
      organizationId: ORGANIZATION.id,
      slug: 'biology',
      title: 'Biology',
    })
    const parsing = await app.enqueueJob('document-parsing', {
      organizationId: ORGANIZATION.id,
      courseId: course.id,
      document: {
        name: 'cells.md',
        text: '# Cells\nA cell has a membrane. It has a nucleus.\n# Tissue\nCells form it.',
      },
    })
    const trial = await app.add({ message: 'beside it' })

    await expect(bullmq.settled(parsing)).resolves.toMatchObject({
      topics: [{ title: 'Cells' }, { title: 'Tissue' }],
    })
    await expect(bullmq.settled(trial)).resolves.toMatchObject({ message: 'beside it' })
  })

  test('should retry with growing pauses until the job succeeds', async ({ app, bullmq, expect }) => {
    await app.start()
    const backoff = { type: 'exponential', delay: 20 }
    const jobId = await app.add({ failAttempts: 2 }, { attempts: 3, backoff })

    await bullmq.settled(jobId)

    expect(await app.status(jobId)).toMatchObject({ state: 'completed', attempt: 3 })
    const events = await app.listJobEvents(app.getPool(), jobId)
    expect(events.filter(({ state }) => state === 'active').map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  })

  test('should write down why a job failed for good', async ({ app, bullmq, expect }) => {
    await app.start()
    const jobId = await app.add({ failAttempts: 9, steps: 2 }, { attempts: 2 })

    await expect(bullmq.settled(jobId)).rejects.toThrow('test_job failed on attempt 2')

    const status = await app.status(jobId)
    expect(status).toMatchObject({ state: 'failed', attempt: 2, error: 'test_job failed on attempt 2' })
    expect(status?.finishedAt).not.toBeNull()
  })

  // A process has to start: that takes long where the machine is busy.
  test(
    'should leave its job to another one when it is killed',
    { timeout: 90_000 },
    async ({ app, bullmq, expect, onTestFinished }) => {
      const script = new URL('../orchestrator/support/worker-process.mjs', import.meta.url)
      const doomed = fork(script, { env: { ...process.env, ...app.env } })
      const exited = once(doomed, 'exit')
      onTestFinished(() => void doomed.kill('SIGKILL'))
      await Promise.race([once(doomed, 'message'), exited])
      const jobId = await app.add({ steps: 12, stepMs: 100 })
      await bullmq.state(jobId, 'active')
      doomed.kill('SIGKILL')
      await exited

      await app.start({ stalledInterval: 300 })
      await bullmq.settled(jobId)

      expect(await app.status(jobId)).toMatchObject({ state: 'completed', attempt: 2 })
    },
  )
})
