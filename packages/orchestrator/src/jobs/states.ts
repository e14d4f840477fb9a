/** The states of a row in `job_status`. `retrying`: an attempt failed and another is to come. */
export const JOB_STATES = ['waiting', 'active', 'retrying', 'completed', 'failed', 'cancelled'] as const
export type JobState = (typeof JOB_STATES)[number]

const FINISHED: ReadonlySet<JobState> = new Set(['completed', 'failed', 'cancelled'])

/** Whether nothing more will happen to the job unless somebody retries it. */
export function isFinished(state: JobState): boolean {
  return FINISHED.has(state)
}
