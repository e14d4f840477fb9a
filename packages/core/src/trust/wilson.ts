/** A rate is between these. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** Of the normal distribution: 95 % lie within so many standard deviations. */
const Z = 1.959963984540054

/**
 * 95 % Wilson score interval of a rate that was seen `hits` times in `runs`. Unlike the textbook's interval it holds
 * for few runs and for rates near 0 and 1.
 */
export function wilsonInterval(hits: number, runs: number): Interval {
  if (runs === 0) return { low: 0, high: 1 }
  const rate = hits / runs
  const shrink = 1 + Z ** 2 / runs
  const centre = (rate + Z ** 2 / (2 * runs)) / shrink
  const half = (Z / shrink) * Math.sqrt((rate * (1 - rate)) / runs + Z ** 2 / (4 * runs ** 2))
  return {
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === runs ? 1 : Math.min(1, centre + half),
  }
}

/**
 * The failure rate that `runs` without a failure exclude: one that is higher would have shown itself with this
 * confidence. About 3 over the number of runs at 0.95.
 */
export function excludedRate(runs: number, confidence = 0.95): number {
  return runs === 0 ? 1 : 1 - (1 - confidence) ** (1 / runs)
}
