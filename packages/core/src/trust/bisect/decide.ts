import { logLikelihood, logOf } from './belief.ts'
import type { Belief } from './belief.ts'
import type { Tally } from './types.ts'

/** How often a decision may be wrong. */
export interface ErrorRates {
  /** Part of the sets without the cause that are said to have it. */
  readonly wrongYes: number
  /** Part of the sets with the cause that are said not to have it. */
  readonly wrongNo: number
}

/** How often the test fails where its cause is not there: less than this cannot be told from never. */
export const BACKGROUND = 0.01
/** As many trials decide nothing: the likelier answer is taken. */
const MOST_TRIALS = 300

/**
 * Wald's sequential probability ratio test: whether trials were of a set that has the cause. Undefined: more trials are
 * needed. The rate of failure is not known, so that the ratio is of its mean over what is believed of it (Wald's
 * weight functions): a wrong yes is as rare as asked for at any rate of `background` or less, a wrong no on average
 * over the belief.
 */
export function decide(
  belief: Belief,
  seen: Tally,
  { wrongYes, wrongNo }: ErrorRates,
  background = BACKGROUND,
): boolean | undefined {
  const ratio = logRatio(belief, seen, background)
  if (ratio >= Math.log((1 - wrongNo) / wrongYes)) return true
  if (ratio <= Math.log(wrongNo / (1 - wrongYes))) return false
  return seen.failed + seen.passed >= MOST_TRIALS ? ratio > 0 : undefined
}

/** Log of how much likelier trials are with the cause than without. */
export function logRatio(belief: Belief, seen: Tally, background = BACKGROUND): number {
  return logLikelihood(belief, seen) - logOf(background, seen)
}

/** How many trials that all pass make a no. */
export function passesForNo(belief: Belief, errors: ErrorRates): number {
  for (let passed = 1; passed < MOST_TRIALS; passed++)
    if (decide(belief, { failed: 0, passed }, errors) === false) return passed
  return MOST_TRIALS
}

const CONFIDENCE = 0.95

/** How many passes exclude a rate of failure, with a confidence of 95 %. */
export function passesToExclude(rate: number): number {
  return Math.ceil(Math.log(1 - CONFIDENCE) / Math.log(1 - rate))
}
