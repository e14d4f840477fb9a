import type { RunRecord, SplitFindings } from '@vitest-lanes/core'
import type { SummaryOptions } from '@vitest-lanes/report'
import { fromRoot } from '../files/path.ts'
import type { LanesFolder } from './folder.ts'
import type { HistoryFile } from './history.ts'
import { writeReports } from './reports.ts'

/**
 * Writes what a run leaves. A folder that cannot be written to fails no run: that is told, and nothing returned.
 * @returns for the summary, where to look
 */
export async function keepRecord(
  record: RunRecord,
  to: {
    folder: LanesFolder
    history: HistoryFile
    warn: (line: string) => void
    /** What was found out about files that may run in parts. */
    splits?: SplitFindings
  },
): Promise<SummaryOptions | undefined> {
  try {
    await to.history.update(record, to.splits)
    const path = await to.folder.writeRecord(JSON.stringify(record), record.startedAt)
    return whereToLook(path, await writeReports(record, path))
  } catch (error) {
    to.warn(`The run record was not written: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** Lines have a label of eight columns in front. */
function whereToLook(path: string, timeline: string | undefined): SummaryOptions {
  const { columns } = process.stdout
  return {
    path: fromRoot(process.cwd(), path),
    ...(timeline === undefined ? {} : { timeline: fromRoot(process.cwd(), timeline) }),
    ...(process.stdout.isTTY && columns > 0 ? { columns: columns - 8 } : {}),
  }
}
