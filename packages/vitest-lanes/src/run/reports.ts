import { appendFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RunRecord } from '@vitest-lanes/core'
import { markdownReport, timelinePage } from '@vitest-lanes/report'

/**
 * Writes what people look at beside the record: the timeline, and in GitHub Actions the summary of the step.
 * Returns the timeline's path; undefined where it could not be written, which fails no run.
 */
export async function writeReports(record: RunRecord, recordPath: string): Promise<string | undefined> {
  if (record.files.every(({ lane }) => lane === undefined)) return undefined
  const timeline = join(dirname(recordPath), 'timeline.html')
  const step = process.env['GITHUB_STEP_SUMMARY']
  const [written] = await Promise.allSettled([
    (async () => writeFile(timeline, timelinePage(record)))(),
    (async () =>
      step === undefined || step === '' ? undefined : appendFile(step, markdownReport(record)))(),
  ])
  return written.status === 'fulfilled' ? timeline : undefined
}
