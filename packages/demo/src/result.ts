export type WayName = 'shared-parallel' | 'shared-sequential' | 'lanes'

/** One run of the suite. */
export interface RunResult {
  readonly name: WayName
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly files: number
  readonly failedFiles: number
  readonly wallMs: number
  /** What failing tests and files said. */
  readonly messages: readonly string[]
}

/** Every test of every file passed. */
export function isGreen(result: RunResult): boolean {
  return result.failed === 0 && result.failedFiles === 0 && result.skipped === 0 && result.passed > 0
}
