import { duration } from '@vitest-lanes/report'
import type { FailurePattern } from '@vitest-lanes/orchestrator/failure-patterns'
import { isGreen } from './result.ts'
import type { RunResult, WayName } from './result.ts'

const TITLES: Record<WayName, string> = {
  'shared-parallel': 'shared, in parallel',
  'shared-sequential': 'shared, one at a time',
  lanes: 'lanes',
}

const COLUMNS = ['', 'files passed', 'failed', 'tests passed', 'failed', 'wall time', 'speed-up']

export function titleOf(name: WayName): string {
  return TITLES[name]
}

/** The runs side by side, a line for each way; repeated runs are summed up in one, with their median time. */
export function table(runs: readonly RunResult[]): string {
  const sequential = medianWall(runs.filter(({ name }) => name === 'shared-sequential'))
  const names = [...new Set(runs.map(({ name }) => name))]
  const rows = names.map((name) =>
    row(
      name,
      runs.filter((run) => run.name === name),
      sequential,
    ),
  )
  const all = [COLUMNS, ...rows]
  const widths = COLUMNS.map((_, column) => Math.max(...all.map((cells) => cells[column]!.length)))
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('   ')}`
  return [
    line(COLUMNS),
    `  ${'─'.repeat(widths.reduce((sum, width) => sum + width + 3, -3))}`,
    ...rows.map(line),
  ].join('\n')
}

function row(name: WayName, runs: readonly RunResult[], sequential: number): string[] {
  const green = runs.filter(isGreen).length
  const times = runs.length > 1 ? ` (${green} of ${runs.length} green)` : ''
  const wall = medianWall(runs)
  return [
    `${titleOf(name)}${times}`,
    ...figures(runs, ({ files, failedFiles }) => [files - failedFiles, failedFiles]),
    ...figures(runs, ({ passed, failed }) => [passed, failed]),
    duration(wall),
    `${(sequential / wall).toFixed(1)}×`,
  ]
}

// Of several runs the worst is what counts.
function figures(
  runs: readonly RunResult[],
  of: (run: RunResult) => [passed: number, failed: number],
): string[] {
  const worst = runs.map(of).reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a))
  return worst.map(String)
}

function medianWall(runs: readonly RunResult[]): number {
  const walls = runs.map(({ wallMs }) => wallMs).sort((a, b) => a - b)
  return walls[Math.floor((walls.length - 1) / 2)] ?? 0
}

/** Which patterns made the shared suite fail, each with its true cause. */
export function explain(patterns: readonly FailurePattern[]): string {
  return patterns
    .map(({ pattern, trueCause, count }) => `  ${count} × ${pattern}\n      ${trueCause}`)
    .join('\n')
}
