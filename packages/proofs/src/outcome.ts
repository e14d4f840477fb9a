/** What a proof has shown. */
export interface Outcome {
  readonly summary: string
  /** What went wrong; empty if the proof holds. */
  readonly failures: readonly string[]
}
