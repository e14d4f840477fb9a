export * from './claim.ts'
export { mergeClaims, parseClaim } from './claims.ts'
export { nearest } from './nearest.ts'
export * from './errors.ts'
export * from './provider.ts'
export * from './record.ts'
export { admit } from './admission/admit.ts'
export { running, waiting, whatWaitsFor, type WaitsFor } from './admission/inspect.ts'
export { createAdmission } from './admission/create.ts'
export type { AdmissionState } from './admission/state.ts'
export type * from './admission/types.ts'
export type { OrderedFile, OrderOptions } from './order.ts'
export { orderFiles } from './search.ts'
export { createEstimator, type EstimatedFile, type Estimator } from './estimate.ts'
export {
  EMPTY_HISTORY,
  fileKey,
  mergeHistory,
  parseHistory,
  updateHistory,
  type FileHistory,
  type History,
} from './history.ts'
export { boundOf, lowerBound, tightBound, type Bound } from './bound.ts'
export { divide, mergeDivisions, type DivideOptions, type Division } from './shards/division.ts'
export { assignShards, type ShardedFile, type ShardOptions } from './shards/assign.ts'
export { AutoLanes, type AutoLanesLimits, type LanesUse, type MachineLoad } from './auto-lanes.ts'
export { simulate } from './simulate.ts'
export type { SimulatedLease, SimulateOptions, Simulation } from './virtual-run.ts'
export type * from './workload.ts'
export { randomWorkload, type RandomWorkload } from './random-workload.ts'
export { verify, type Overlap } from './verify.ts'
