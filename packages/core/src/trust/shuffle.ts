import { randomNumbers } from '../random.ts'

/** The items in another order: the same for the same seed, each order as likely as any (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], seed: number): T[] {
  const random = randomNumbers(seed)
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!]
  }
  return shuffled
}
