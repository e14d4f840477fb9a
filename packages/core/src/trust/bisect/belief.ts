import type { Tally } from './types.ts'

/** How often the test fails where its cause is there. Nobody knows: each rate with its probability. */
export interface Belief {
  /** From 0 to 1, ascending. */
  readonly rates: readonly number[]
  /** Sum 1. */
  readonly weights: readonly number[]
}

const SURE = 0.995
/** Most failures by order come every time. */
const SURE_WEIGHT = 0.7
const MOST = 0.97
const STEPS = 12
/** What is kept of the first belief whatever was seen: with fewer files a test may fail less often than with many. */
const DOUBT = 0.05

/** What is believed before any trial. @param floor lowest rate that is looked for */
export function firstBelief(floor: number): Belief {
  const growth = (MOST / floor) ** (1 / STEPS)
  const rates = Array.from({ length: STEPS + 1 }, (_, step) => floor * growth ** step)
  const weight = (1 - SURE_WEIGHT) / rates.length
  return { rates: [...rates, SURE], weights: [...rates.map(() => weight), SURE_WEIGHT] }
}

/** What is believed after trials in which the cause was there. */
export function learned(first: Belief, seen: Tally): Belief {
  const logs = first.rates.map((rate, index) => Math.log(first.weights[index]!) + logOf(rate, seen))
  const most = Math.max(...logs)
  const raw = logs.map((log) => Math.exp(log - most))
  const sum = total(raw)
  const weights = raw.map((weight, index) => (1 - DOUBT) * (weight / sum) + DOUBT * first.weights[index]!)
  return { rates: first.rates, weights }
}

/** Log of the probability of so many failures and passes, one after the other, where the cause is there. */
export function logLikelihood({ rates, weights }: Belief, seen: Tally): number {
  const logs = rates.map((rate, index) => Math.log(weights[index]!) + logOf(rate, seen))
  const most = Math.max(...logs)
  return most + Math.log(total(logs.map((log) => Math.exp(log - most))))
}

export function meanRate({ rates, weights }: Belief): number {
  return total(rates.map((rate, index) => rate * weights[index]!))
}

/** Log of the probability of so many failures and passes at one rate. */
export function logOf(rate: number, { failed, passed }: Tally): number {
  return failed * Math.log(rate) + passed * Math.log(1 - rate)
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}
