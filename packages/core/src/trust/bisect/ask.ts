import type { ErrorRates } from './decide.ts'
import type { Evidence } from './evidence.ts'
import type { Asking, Batch, Group } from './types.ts'

export interface Question {
  readonly group: Group
  readonly errors: ErrorRates
}

/** Repeats trials of each group until all are decided. They do not depend on each other: one round. */
export function* askAll(
  evidence: Evidence,
  phase: Batch['phase'],
  questions: readonly Question[],
): Asking<boolean[]> {
  for (;;) {
    const answers = questions.map(({ group, errors }) => evidence.answer(group, errors))
    const open = questions.filter((_, index) => answers[index] === undefined).map(({ group }) => group)
    if (open.length === 0) return answers.map((answer) => answer === true)
    const left = { suspects: Math.max(...open.map(({ files }) => files.length)), rounds: 1 }
    yield* evidence.run(phase, roundRobin(open, evidence.parallel), left)
  }
}

/** Whether a group has the cause. */
export function* ask(
  evidence: Evidence,
  phase: Batch['phase'],
  group: Group,
  errors: ErrorRates,
): Asking<boolean> {
  const [answer] = yield* askAll(evidence, phase, [{ group, errors }])
  return answer === true
}

/** So many of them, from the first on and over again. */
export function roundRobin<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, index) => items[index % items.length]!)
}
