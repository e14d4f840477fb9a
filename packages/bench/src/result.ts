/** One figure, beside what it must reach. */
export interface BenchResult {
  /** `group.what`, stable. */
  readonly id: string
  readonly value: number
  /** `ms`, `MB`, `ratio`. */
  readonly unit: string
  /** The most that it may be. */
  readonly limit: number
  readonly pass: boolean
}
