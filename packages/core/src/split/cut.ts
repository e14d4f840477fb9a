/** Where the contiguous parts of a list begin, the first at 0. */
export type Cut = readonly number[]

const ROUNDS = 50
/** A test that took no time still counts: a part is never all of those there are. */
const LEAST = 1e-3

/**
 * Cuts a list into at most so many contiguous parts whose longest is as short as it can be. Fewer where more would not
 * make it shorter; none is empty.
 * @param durations of each test, in ms
 */
export function cutInto(durations: readonly number[], parts: number): Cut {
  const costs = durations.map((duration) => Math.max(duration, LEAST))
  const total = costs.reduce((sum, cost) => sum + cost, 0)
  let low = costs.reduce((most, cost) => Math.max(most, cost), 0)
  let high = total
  if (filled(costs, low).length <= parts) return filled(costs, low)
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2
    if (filled(costs, middle).length <= parts) high = middle
    else low = middle
  }
  return filled(costs, high)
}

/**
 * The same in exactly so many parts, as long as there are as many tests: where `cutInto` needs fewer, those with the most
 * tests are halved.
 */
export function cutIntoExactly(durations: readonly number[], parts: number): Cut {
  const begins = [...cutInto(durations, parts)]
  while (begins.length < Math.min(parts, durations.length)) {
    const sizes = begins.map((begin, index) => (begins[index + 1] ?? durations.length) - begin)
    const most = sizes.indexOf(Math.max(...sizes))
    begins.splice(most + 1, 0, (begins[most] ?? 0) + Math.ceil((sizes[most] ?? 0) / 2))
  }
  return begins
}

/** How many contiguous parts there are at least if none may be longer than `most`, in ms. One test is never cut. */
export function fewestParts(durations: readonly number[], most: number): number {
  return filled(durations, most).length
}

/** The parts of a list that is cut. */
export function partsOf<T>(list: readonly T[], cut: Cut): readonly (readonly T[])[] {
  return cut.map((begin, index) => list.slice(begin, cut[index + 1] ?? list.length))
}

function filled(durations: readonly number[], most: number): number[] {
  const begins: number[] = []
  let room = -1
  for (const [index, duration] of durations.entries()) {
    // Sums of the same numbers in another order differ by their last digits.
    if (begins.length === 0 || duration > room + most * 1e-9) {
      begins.push(index)
      room = most
    }
    room -= duration
  }
  return begins
}
