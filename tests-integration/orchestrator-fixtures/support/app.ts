import { test as base } from '@vitest-lanes/bullmq/fixture'
import type {
  EnqueueOptions,
  JobInput,
  JobStatus,
  RunningWorker,
  WorkerSettings,
} from '@vitest-lanes/orchestrator'
import { createCopies, withVariables, type Orchestrator } from './copies.ts'

export const ORGANIZATION = {
  id: '00000000-0000-4000-8000-000000000001',
  name: 'Test University',
  slug: 'test-university',
}

/** The application, with a database and a queue that are the test's own. */
export interface App extends Orchestrator {
  /** Where it works, for processes that the test starts. */
  readonly env: Readonly<Record<string, string>>
  /** Its API, as an author of the organization sees it. */
  readonly api: ReturnType<Orchestrator['createCaller']>
  /** Starts a worker that is closed when the test ends. */
  start(settings?: WorkerSettings): Promise<RunningWorker>
  /** Adds a job that takes its steps and returns its message. */
  add(fields?: Partial<JobInput<'test_job'>>, options?: EnqueueOptions): Promise<string>
  /** What the database says of a job, when all that has ended is written. */
  status(jobId: string): Promise<JobStatus | undefined>
}

interface Fixtures {
  copies: () => Promise<Orchestrator>
  app: App
}

export const test = base.extend<Fixtures>({
  copies: [
    // oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern what a fixture needs
    async ({}, use) => {
      await use(createCopies())
    },
    { scope: 'file' },
  ],
  app: async ({ bullmq, database, copies }, use) => {
    const orchestrator = await copies()
    // It reads its variables when it connects.
    const queue = bullmq.exposePrefix('QUEUE_PREFIX', () =>
      withVariables(database.env, () => {
        orchestrator.getPool()
        return orchestrator.getQueue()
      }),
    )
    bullmq.adopt(queue)
    await orchestrator.saveOrganization(orchestrator.getPool(), ORGANIZATION)
    const workers: RunningWorker[] = []
    await use({
      ...orchestrator,
      env: { ...bullmq.env, QUEUE_PREFIX: bullmq.prefix, ...database.env },
      api: orchestrator.createCaller({ organizationId: ORGANIZATION.id, memberId: 'author', role: 'author' }),
      async start(settings) {
        const running = await orchestrator.startWorker(settings)
        bullmq.adopt(running.worker)
        workers.push(running)
        return running
      },
      add: (fields, options) =>
        orchestrator.enqueueJob('test_job', { organizationId: ORGANIZATION.id, ...fields }, options),
      async status(jobId) {
        await Promise.all(workers.map((worker) => worker.settled()))
        return orchestrator.findJobStatus(orchestrator.getPool(), jobId)
      },
    })
    await Promise.all(workers.map((worker) => worker.close()))
    await orchestrator.closeQueue()
    await orchestrator.closeClients()
  },
})
