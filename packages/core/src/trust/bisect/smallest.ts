import { ask } from './ask.ts'
import type { Evidence } from './evidence.ts'
import { threshold } from './threshold.ts'
import { ERRORS } from './types.ts'
import type { Asking, Batch, Group } from './types.ts'

export interface SmallestOptions {
  readonly evidence: Evidence
  readonly phase: Batch['phase']
  readonly groupOf: (ids: readonly string[]) => Group
  readonly suspects: readonly { readonly id: string; readonly weight: number }[]
}

/**
 * Delta debugging: a set of suspects that makes the test fail, and does not without any of them.
 *
 * The suspects, the most likely first, are added until the test fails: the last one is needed. It is kept, and what it
 * needs beside it is looked for among those before it, until the kept ones suffice. A search in halves takes log₂ n
 * rounds for each of the set; the classical ddmin takes as many for one, and up to n² for more.
 *
 * @returns undefined if the trials contradict each other
 */
export function* smallest(options: SmallestOptions): Asking<readonly string[] | undefined> {
  const { evidence, phase, groupOf, suspects } = options
  const ordered = [...suspects].sort((a, b) => b.weight - a.weight)
  let kept: readonly string[] = []
  let pool = ordered
  let widened = false
  do {
    const before = kept
    const count = yield* threshold({
      evidence,
      phase,
      groupOf: (many) => groupOf([...before, ...pool.slice(0, many).map(({ id }) => id)]),
      weights: pool.map(({ weight }) => weight),
    })
    if (count === undefined) {
      const rest = ordered.filter((suspect) => !kept.includes(suspect.id) && !pool.includes(suspect))
      // A wrong answer has left out what is needed, once.
      if (widened || rest.length === 0) return undefined
      widened = true
      pool = [...pool, ...rest]
      continue
    }
    kept = [pool[count - 1]!.id, ...kept]
    pool = pool.slice(0, count - 1)
    evidence.nextRound()
    if (yield* ask(evidence, phase === 'files' ? 'confirm' : phase, groupOf(kept), ERRORS.strict))
      return yield* withoutNeedless(options, kept)
  } while (pool.length > 0)
  return undefined
}

/** What was kept because of a wrong answer is left out again. */
function* withoutNeedless(
  { evidence, phase, groupOf }: SmallestOptions,
  all: readonly string[],
): Asking<readonly string[]> {
  let kept = all
  for (const id of all) {
    if (kept.length === 1) break
    const rest = kept.filter((other) => other !== id)
    evidence.nextRound()
    if (yield* ask(evidence, phase, groupOf(rest), ERRORS.strict)) kept = rest
  }
  return kept
}
