export { duration } from './duration.ts'
export { readRecord } from './read-record.ts'
export { summary, type SummaryOptions } from './summary.ts'
export { textReport } from './text/text-report.ts'
export { markdownReport } from './markdown.ts'
export { timelinePage, type TimelineOptions } from './html/timeline-page.ts'
export { traceReport } from './trace.ts'
export { jsonReport } from './json.ts'
export { compareRecords, growth } from './compare.ts'
export { comparisonText } from './text/comparison.ts'
export type { Comparison, FileShift, Shift } from './compare.ts'
export { analyse, type Analysis, type FileAnalysis } from './analysis/analyse.ts'
export { besideOf, type Neighbour } from './analysis/beside.ts'
export { chainOf, type Link } from './analysis/chain.ts'
export {
  applied,
  cpuBound,
  gainsOf,
  predict,
  withLanes,
  type Change,
  type Gain,
  type Setting,
} from './analysis/changes.ts'
export { figuresOf, type Figures } from './analysis/figures.ts'
export { resourcesOf, type ResourceUse } from './analysis/resources.ts'
export { durationOf, phasesOf, type Phases } from './analysis/times.ts'
export {
  NO_DELAYS,
  contentionOf,
  delaysOf,
  workloadOf,
  type Contention,
  type Delays,
} from './analysis/workload.ts'
export { count } from './text/count.ts'
export { cutPath, fit } from './text/fit.ts'
export { claimsText, findingText, instancesText } from './text/describe.ts'
export { placeText } from './text/place.ts'
export { boundSentence, changePhrase, cpuSentence, gainSentence } from './text/sentences.ts'
export { table, type Column } from './text/table.ts'
