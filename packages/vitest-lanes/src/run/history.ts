import { EMPTY_HISTORY, createEstimator, parseHistory, updateHistory } from '@vitest-lanes/core'
import type { Estimator, History, RunRecord } from '@vitest-lanes/core'
import type { LanesFolder } from './folder.ts'

/** Durations and failures of earlier runs, kept in the project's folder. */
export interface HistoryFile {
  read(): Promise<Estimator>
  /** Adds a run. Reads the file again first: another run may have ended meanwhile. */
  update(record: RunRecord): Promise<void>
}

/** @param warn is told when the file cannot be read; the run then starts without a history */
export function openHistory(folder: LanesFolder, warn: (line: string) => void): HistoryFile {
  async function load(): Promise<History> {
    const text = await folder.readHistory()
    if (text === undefined) return EMPTY_HISTORY
    const history = parseHistory(text)
    if (!('error' in history)) return history
    warn(`${folder.history} is not a history of vitest-lanes and is begun anew: ${history.error}`)
    return EMPTY_HISTORY
  }
  return {
    read: async () => createEstimator(await load()),
    update: async (record) => folder.writeHistory(JSON.stringify(updateHistory(await load(), record))),
  }
}
