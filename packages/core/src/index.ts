export * from './claim.ts'
export { mergeClaims, parseClaim } from './claims.ts'
export {
  FOOTPRINT_VERSION,
  type Footprint,
  type FootprintPart,
  type Footprints,
  type Use,
  type UseMode,
} from './audit/footprint.ts'
export { generalise, sorted } from './audit/generalise.ts'
export { commonGround, MACHINE, type Meeting } from './audit/meet.ts'
export {
  byDirectory,
  collisions,
  directoryOf,
  type Collision,
  type DirectoryPair,
} from './audit/collisions.ts'
export { leastClaims, type DirectoryClaims, type ReasonedClaim } from './audit/least-claims.ts'
export { outgrown, type Growth } from './audit/growth.ts'
export { meetingText, someUses, useText } from './audit/words.ts'
export { parseFootprints } from './audit/read.ts'
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
  pathOfKey,
  updateHistory,
  type FileHistory,
  type SplitFindings,
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
export { excludedRate, wilsonInterval, type Interval } from './trust/wilson.ts'
export { groupByLikeness, likeness, type MessageGroup } from './trust/likeness.ts'
export { replayPlan, type ReachedPoint, type ReplayPlan, type ReplayPoint } from './trust/replay-plan.ts'
export { overlapsOf, type Pair } from './trust/overlaps.ts'
export { matchReplay, type ReplayMatch } from './trust/replay-match.ts'
export { Gate, type GateOptions, type Passing } from './trust/gate.ts'
export { shuffle } from './trust/shuffle.ts'
export { cutInto, cutIntoExactly, partsOf, type Cut } from './split/cut.ts'
export { MOST_TESTS, type KnownTest, type SplitHistory, type TestKind, type Unsafe } from './split/history.ts'
export { differenceOf, mergeParts, ownersOf } from './split/merge.ts'
export type { MergedTree, Owners, SplitPart, SplitResult, SplitTask } from './split/merge.ts'
export { partId, planSplits, type SplitPlan, type Splittable } from './split/plan.ts'
export { runsOf } from './split/runs.ts'
export { Bisection, type BisectStep, type BisectTrial } from './trust/bisect/bisection.ts'
export { suspectsOf, type BisectTarget, type SuspectOptions } from './trust/bisect/suspects.ts'
export { simulateTrial, type SimulatedCause, type SimulatedSuite } from './trust/bisect/simulated.ts'
export type {
  Batch,
  BisectProblem,
  Cause,
  Group,
  NeededTests,
  Relation,
  Suspect,
  Tally,
  Verdict,
} from './trust/bisect/types.ts'
export { randomNumbers } from './random.ts'
