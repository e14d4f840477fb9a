import type { JobHandler } from '../context.ts'
import { pruneJobStatus } from '../job-status.ts'

/** Deletes the rows of jobs that finished long ago. */
export const runMaintenance: JobHandler<'maintenance'> = async ({ data, db }) => ({
  pruned: await pruneJobStatus(db, data.keepMs),
})
