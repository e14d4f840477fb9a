import { compareRecords, comparisonText } from '@vitest-lanes/report'
import { EXIT } from './exit.ts'
import type { ExitStatus } from './exit.ts'
import { passedLimits } from './limits.ts'
import type { Limit } from './limits.ts'
import { loadRecord } from './records.ts'
import type { Terminal } from './terminal.ts'

export interface CompareOptions {
  readonly root: string
  readonly json: boolean
  readonly failOn: readonly Limit[]
}

/** `vitest-lanes compare`: what changed from one run record to another. */
export async function compare(
  before: string,
  after: string,
  options: CompareOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const [a, b] = await Promise.all([loadRecord(before, options.root), loadRecord(after, options.root)])
  const comparison = compareRecords(a.record, b.record)
  const passed = passedLimits(comparison, options.failOn)
  if (options.json)
    terminal.print(JSON.stringify({ version: 1, ...comparison, failedOn: passed }, undefined, 2))
  else {
    terminal.print(comparisonText(comparison, terminal.columns))
    for (const { limit, reason } of passed)
      terminal.warn(`${terminal.style('red', `--fail-on ${limit}`)}  ${reason}`)
  }
  return passed.length === 0 ? EXIT.fine : EXIT.no
}
