export * from './claim.ts'
export { mergeClaims, parseClaim } from './claims.ts'
export { nearest } from './nearest.ts'
export * from './errors.ts'
export * from './provider.ts'
export * from './record.ts'
export { admit } from './admission/admit.ts'
export { running, waiting, whatWaitsFor, type WaitsFor } from './admission/inspect.ts'
export { createAdmission, type AdmissionState } from './admission/state.ts'
export type * from './admission/types.ts'
export { orderFiles, type OrderedFile, type OrderOptions } from './order.ts'
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
export { lowerBound } from './bound.ts'
export { simulate, type SimulatedLease, type SimulateOptions, type Simulation } from './simulate.ts'
export type * from './workload.ts'
export { randomWorkload, type RandomWorkload } from './random-workload.ts'
