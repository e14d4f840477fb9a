import type { Claim, Instances } from './claim.ts'

/** A file whose true duration is known. */
export interface WorkloadFile {
  readonly id: string
  readonly claims: readonly Claim[]
  /** ms. */
  readonly duration: number
  /** What admission is told; the duration where left out. */
  readonly estimate?: number
  /** CPU that it uses, in ms. */
  readonly cpu?: number
}

/** Files and what they share, to be simulated. */
export interface Workload {
  readonly resources: Readonly<Record<string, { readonly instances: Instances }>>
  readonly files: readonly WorkloadFile[]
}
