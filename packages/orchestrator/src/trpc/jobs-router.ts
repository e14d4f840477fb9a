import { z } from 'zod'
import { cancelJob, retryJob } from '../cancellation.ts'
import { JobNotFoundError } from '../errors.ts'
import { JOB_TYPES, type JobInput, PRIORITIES, type Priority } from '../jobs/catalogue.ts'
import { countJobs, listJobEvents, listJobs } from '../jobs/job-history.ts'
import { findJobStatus, type JobStatus } from '../jobs/job-status.ts'
import { JOB_STATES } from '../jobs/states.ts'
import { enqueueJob, getQueue } from '../queue.ts'
import { withOrganization } from '../tenancy.ts'
import { adminProcedure, authorProcedure, type Caller, router, viewerProcedure } from './trpc.ts'

const jobId = z.object({ jobId: z.string().min(1).max(100) })

const listInput = z.object({
  states: z.array(z.enum(JOB_STATES)).min(1).optional(),
  types: z.array(z.enum(JOB_TYPES)).min(1).optional(),
  courseId: z.uuid().optional(),
  limit: z.int().min(1).max(100).default(20),
  cursor: z.string().optional(),
})

const enqueueInput = z.object({
  type: z.enum(JOB_TYPES),
  data: z.record(z.string(), z.unknown()),
  priority: z.enum(Object.keys(PRIORITIES) as [Priority, ...Priority[]]).optional(),
  delay: z.int().min(0).max(86_400_000).optional(),
})

export const jobsRouter = router({
  enqueue: authorProcedure.input(enqueueInput).mutation(async ({ ctx, input }) => {
    // Whose job it is comes from the session, whatever the caller sends.
    const data = { ...input.data, organizationId: ctx.organizationId, requestedBy: ctx.memberId } as JobInput
    const { type, priority, delay } = input
    const id = await enqueueJob(type, data, {
      ...(priority === undefined ? {} : { priority }),
      ...(delay === undefined ? {} : { delay }),
    })
    return { jobId: id }
  }),

  getStatus: viewerProcedure.input(jobId).query(({ ctx, input }) => findOwn(ctx, input.jobId)),

  list: viewerProcedure
    .input(listInput)
    .query(({ ctx, input }) => withOrganization(ctx.organizationId, (db) => listJobs(db, defined(input)))),

  history: viewerProcedure.input(jobId).query(async ({ ctx, input }) => {
    await findOwn(ctx, input.jobId)
    return withOrganization(ctx.organizationId, (db) => listJobEvents(db, input.jobId))
  }),

  counts: viewerProcedure.query(({ ctx }) => withOrganization(ctx.organizationId, countJobs)),

  cancel: authorProcedure.input(jobId).mutation(async ({ ctx, input }) => {
    await findOwn(ctx, input.jobId)
    return { jobId: input.jobId, outcome: await cancelJob(input.jobId) }
  }),

  retry: authorProcedure.input(jobId).mutation(async ({ ctx, input }) => {
    await findOwn(ctx, input.jobId)
    return retryJob(input.jobId)
  }),

  /** The whole queue, all tenants together. */
  queueCounts: adminProcedure.query(() => getQueue().getJobCounts()),
})

async function findOwn(caller: Caller, id: string): Promise<JobStatus> {
  const status = await withOrganization(caller.organizationId, (db) => findJobStatus(db, id))
  if (!status) throw new JobNotFoundError(id)
  return status
}

/** Without the keys whose value is undefined. */
function defined<T extends object>(value: T) {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
