import type { Vitest } from 'vitest/node'
import { showLive } from '../live.ts'
import type { Output } from '../output.ts'
import { addSummaryLine } from '../vitest/summary.ts'
import type { Run } from './run.ts'

/** Shows how a run stands while it runs, unless nothing is to be said. Returns what ends it. */
export function watchRun(vitest: Vitest, { scheduler }: Run, output: Output): () => void {
  if (output.quiet) return () => {}
  return showLive({
    status: () => ({
      lanes: scheduler.lanes,
      busy: scheduler.busy,
      waiting: scheduler.waiting,
      contention: scheduler.contention(),
    }),
    showLine: (line) => addSummaryLine(vitest, () => output.labelled(line())),
    columns: () => output.columns(),
    say: (line) => output.lines([line]),
  })
}
