import type { Database } from '../clients.ts'
import type { JobType } from './catalogue.ts'
import type { JobState } from './states.ts'

/** What identifies a job's row and one attempt at it. */
export interface JobAttempt {
  /** BullMQ's id of the job: the key of the row. */
  readonly jobId: string
  readonly type: JobType
  readonly organizationId: string
  readonly courseId: string | null
  /** How often the job has been started; 0 before the first time. */
  readonly attempt: number
  readonly maxAttempts: number
}

export interface JobChange {
  readonly state: JobState
  /** Per cent; left as it is when left out. */
  readonly progress?: number
  readonly result?: unknown
  readonly error?: string
}

export interface JobStatus {
  readonly jobId: string
  readonly type: JobType
  readonly organizationId: string
  readonly courseId: string | null
  readonly state: JobState
  readonly attempt: number
  readonly maxAttempts: number
  readonly progress: number
  readonly cancelRequested: boolean
  readonly result: unknown
  readonly error: string | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
}

export const STATUS_COLUMNS = `
  external_job_id AS "jobId", job_type AS "type", organization_id AS "organizationId", course_id AS "courseId",
  state, attempt, max_attempts AS "maxAttempts", progress, cancel_requested AS "cancelRequested",
  result, error, created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt"`

/**
 * Writes a job's state, whether its row exists or not: a worker may start a job before the caller that added it
 * has written the row.
 * @returns the row as it is now, or undefined if a later attempt has begun: then nothing was changed.
 */
export async function saveJobState(
  db: Database,
  job: JobAttempt,
  change: JobChange,
): Promise<JobStatus | undefined> {
  const { rows } = await db.query<JobStatus>(
    `INSERT INTO job_status AS row
       (external_job_id, job_type, organization_id, course_id, state, attempt, max_attempts, progress, result, error,
        started_at, finished_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, 0), $9, $10,
        CASE WHEN $5 = 'active' THEN clock_timestamp() END,
        CASE WHEN $5 IN ('completed', 'failed', 'cancelled') THEN clock_timestamp() END)
     ON CONFLICT (external_job_id) DO UPDATE SET
       state = excluded.state,
       attempt = excluded.attempt,
       max_attempts = excluded.max_attempts,
       progress = coalesce($8, row.progress),
       result = excluded.result,
       error = excluded.error,
       started_at = coalesce(row.started_at, excluded.started_at),
       finished_at = excluded.finished_at
     WHERE row.attempt <= excluded.attempt
     RETURNING ${STATUS_COLUMNS}`,
    [
      job.jobId,
      job.type,
      job.organizationId,
      job.courseId,
      change.state,
      job.attempt,
      job.maxAttempts,
      change.progress ?? null,
      change.result === undefined ? null : JSON.stringify(change.result),
      change.error ?? null,
    ],
  )
  return rows[0]
}

/** Writes the row of a job that was just added; keeps it if a worker has been faster. */
export async function createJobStatus(db: Database, job: JobAttempt): Promise<void> {
  await db.query(
    `INSERT INTO job_status (external_job_id, job_type, organization_id, course_id, state, max_attempts)
     VALUES ($1, $2, $3, $4, 'waiting', $5)
     ON CONFLICT (external_job_id) DO NOTHING`,
    [job.jobId, job.type, job.organizationId, job.courseId, job.maxAttempts],
  )
}

export async function findJobStatus(db: Database, jobId: string): Promise<JobStatus | undefined> {
  const { rows } = await db.query<JobStatus>(
    `SELECT ${STATUS_COLUMNS} FROM job_status WHERE external_job_id = $1`,
    [jobId],
  )
  return rows[0]
}

/** Notes that a job shall stop. Returns its row, or undefined if it is unknown. */
export async function requestCancellation(db: Database, jobId: string): Promise<JobStatus | undefined> {
  const { rows } = await db.query<JobStatus>(
    `UPDATE job_status SET cancel_requested = true WHERE external_job_id = $1 RETURNING ${STATUS_COLUMNS}`,
    [jobId],
  )
  return rows[0]
}

/** Puts a finished job back to `waiting`, for another try. */
export async function reopenJob(db: Database, jobId: string): Promise<void> {
  await db.query(
    `UPDATE job_status
     SET state = 'waiting', cancel_requested = false, error = NULL, result = NULL, progress = 0, finished_at = NULL
     WHERE external_job_id = $1`,
    [jobId],
  )
}

/** Deletes the rows of jobs that finished more than `keepMs` milliseconds ago; returns how many. */
export async function pruneJobStatus(db: Database, keepMs: number): Promise<number> {
  const { rowCount } = await db.query(
    `DELETE FROM job_status WHERE finished_at < clock_timestamp() - make_interval(secs => $1::float / 1000)`,
    [keepMs],
  )
  return rowCount ?? 0
}
