import { setTimeout as delay } from 'node:timers/promises'
import type { JobHandler } from '../context.ts'

/** Takes its steps, then fails if this is one of the attempts that shall fail. */
export const runTestJob: JobHandler<'test_job'> = async ({ attempt, data, signal, step }) => {
  for (let done = 1; done <= data.steps; done += 1) {
    await delay(data.stepMs, undefined, { signal })
    await step(Math.round((100 * done) / data.steps))
  }
  if (attempt <= data.failAttempts) throw new Error(`test_job failed on attempt ${attempt}`)
  return { message: data.message, attempt }
}
