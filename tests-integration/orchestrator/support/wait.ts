import { setTimeout as delay } from 'node:timers/promises'
import { findJobStatus, getPool, type JobState, type JobStatus } from '@vitest-lanes/orchestrator'

const POLL_MS = 50
const TIMEOUT_MS = 10_000

/**
 * Waits until a job's row in `job_status` has one of the states; returns the row.
 * @throws after `timeout` milliseconds (10,000), naming the state it is in.
 */
export async function waitForJobState(
  jobId: string,
  states: JobState | readonly JobState[],
  timeout = TIMEOUT_MS,
): Promise<JobStatus> {
  const wanted = [states].flat()
  const deadline = Date.now() + timeout
  for (;;) {
    const status = await findJobStatus(getPool(), jobId)
    if (status && wanted.includes(status.state)) return status
    if (Date.now() > deadline) {
      throw new Error(
        `Timeout waiting for job ${jobId} to reach state(s): ${wanted.join(', ')}. ` +
          `Current state: ${status?.state ?? 'not found in DB'}`,
      )
    }
    await delay(POLL_MS)
  }
}

/** Waits for several jobs, one after the other; returns their rows in the order of the ids. */
export async function waitForJobs(
  jobIds: readonly string[],
  states: JobState | readonly JobState[],
): Promise<JobStatus[]> {
  const rows: JobStatus[] = []
  for (const jobId of jobIds) rows.push(await waitForJobState(jobId, states))
  return rows
}

/** Waits until a job has got so far, in per cent. */
export async function waitForProgress(jobId: string, progress: number): Promise<JobStatus> {
  return waitUntil(`job ${jobId} to be ${progress} % done`, async () => {
    const status = await findJobStatus(getPool(), jobId)
    return status && status.progress >= progress ? status : undefined
  })
}

/** Waits until `look` returns something; `what` says in the error what was waited for. */
export async function waitUntil<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + TIMEOUT_MS
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (Date.now() > deadline) throw new Error(`Timeout waiting for ${what}`)
    await delay(POLL_MS)
  }
}
