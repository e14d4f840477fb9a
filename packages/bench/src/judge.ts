import type { BenchResult } from './result.ts'

/** A figure, held against what it must reach. */
export function judge(id: string, value: number, unit: string, limit: number): BenchResult {
  return { id, value, unit, limit, pass: value <= limit }
}

/** Says something beside the figures: what they are compared with, or why one is missing. */
export function remark(line: string): void {
  process.stderr.write(`  ${line}\n`)
}
