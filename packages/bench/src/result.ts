/** One figure, beside what it must reach. */
export interface BenchResult {
  /** `group.what`, stable. */
  readonly id: string
  readonly value: number
  /** `ms`, `MB`, `ratio`. */
  readonly unit: string
  /** The most that it may be; infinite (`null` in JSON) for what stands beside, to compare. */
  readonly limit: number
  readonly pass: boolean
}
