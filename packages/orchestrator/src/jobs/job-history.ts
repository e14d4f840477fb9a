import type { Database } from '../clients.ts'
import type { JobType } from './catalogue.ts'
import { type JobStatus, STATUS_COLUMNS } from './job-status.ts'
import type { JobState } from './states.ts'

export interface JobEvent {
  readonly state: JobState
  readonly attempt: number
  readonly createdAt: Date
}

/** What happened to a job, in order. */
export async function listJobEvents(db: Database, jobId: string): Promise<JobEvent[]> {
  const { rows } = await db.query<JobEvent>(
    `SELECT state, attempt, created_at AS "createdAt" FROM job_events WHERE external_job_id = $1 ORDER BY id`,
    [jobId],
  )
  return rows
}

export interface JobFilter {
  readonly states?: readonly JobState[]
  readonly types?: readonly JobType[]
  readonly courseId?: string
  /** At most so many; from 1. */
  readonly limit: number
  /** `nextCursor` of the page before. */
  readonly cursor?: string
}

export interface JobPage {
  readonly jobs: readonly JobStatus[]
  /** Absent on the last page. */
  readonly nextCursor?: string
}

/** One page of jobs, the newest first. */
export async function listJobs(db: Database, filter: JobFilter): Promise<JobPage> {
  const { rows } = await db.query<JobStatus>(
    `SELECT ${STATUS_COLUMNS} FROM job_status
     WHERE ($1::text[] IS NULL OR state = ANY ($1))
       AND ($2::text[] IS NULL OR job_type = ANY ($2))
       AND ($3::uuid IS NULL OR course_id = $3)
       AND ($4::text IS NULL OR (created_at, external_job_id) < (
         SELECT created_at, external_job_id FROM job_status WHERE external_job_id = $4))
     ORDER BY created_at DESC, external_job_id DESC
     LIMIT $5`,
    [
      filter.states ?? null,
      filter.types ?? null,
      filter.courseId ?? null,
      filter.cursor ?? null,
      filter.limit + 1,
    ],
  )
  const jobs = rows.slice(0, filter.limit)
  const last = jobs.at(-1)
  return rows.length > filter.limit && last ? { jobs, nextCursor: last.jobId } : { jobs }
}

/** How many jobs are in each state; states without a job are left out. */
export async function countJobs(db: Database): Promise<Partial<Record<JobState, number>>> {
  const { rows } = await db.query<{ state: JobState; count: number }>(
    'SELECT state, count(*)::int AS count FROM job_status GROUP BY state',
  )
  return Object.fromEntries(rows.map((row) => [row.state, row.count]))
}
