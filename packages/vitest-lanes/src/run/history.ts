import {
  EMPTY_HISTORY,
  createEstimator,
  mergeDivisions,
  parseHistory,
  updateHistory,
} from '@vitest-lanes/core'
import type { Division, Estimator, History, RunRecord, SplitFindings } from '@vitest-lanes/core'
import type { LanesFolder } from './folder.ts'

/** Durations and failures of earlier runs, kept in the project's folder. */
export interface HistoryFile {
  read(): Promise<Estimator>
  /** How the files were divided when they last ran in shards. */
  division(): Promise<Division | undefined>
  /** Keeps how they are divided now. */
  keep(division: Division): Promise<void>
  /** Adds a run to what the file has by then: another run may have ended meanwhile. */
  update(record: RunRecord, splits?: SplitFindings): Promise<void>
}

/** @param warn is told when the file cannot be read; the run then starts without a history */
export function openHistory(folder: LanesFolder, warn: (line: string) => void): HistoryFile {
  function parse(text: string | undefined): History {
    if (text === undefined) return EMPTY_HISTORY
    const history = parseHistory(text)
    if (!('error' in history)) return history
    warn(`${folder.history} is not a history of vitest-lanes and is begun anew: ${history.error}`)
    return EMPTY_HISTORY
  }
  return {
    read: async () => createEstimator(parse(await folder.readHistory())),
    division: async () => parse(await folder.readHistory()).division,
    keep: (division) =>
      folder.changeHistory((text) => {
        const history = parse(text)
        const merged = mergeDivisions(history.division, division)
        return JSON.stringify({ ...history, ...(merged === undefined ? {} : { division: merged }) })
      }),
    update: (record, splits) =>
      folder.changeHistory((text) => JSON.stringify(updateHistory(parse(text), record, splits))),
  }
}
