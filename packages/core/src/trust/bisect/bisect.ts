import { ask } from './ask.ts'
import { Evidence } from './evidence.ts'
import { race } from './race.ts'
import { smallest } from './smallest.ts'
import { testsOfCause } from './tests-of-cause.ts'
import { ERRORS } from './types.ts'
import type { Asking, BisectProblem, Cause, Group, Relation, Suspect, Verdict } from './types.ts'

/**
 * Finds the smallest sets of files, and of tests in them, that make a test fail.
 *
 * decide  → alone, by order, by overlap, or both (`race`)
 * files   → a smallest set (`smallest`)
 * confirm → that it suffices, also where it only runs before; whether the other files make the test fail without it:
 *           if so, they have another cause, which is looked for in the same way
 * tests   → which tests of these files it takes (`testsOfCause`)
 */
export function* bisect(problem: BisectProblem): Asking<Verdict> {
  const evidence = new Evidence(problem)
  evidence.nextRound()
  const decision = yield* race(evidence, problem)
  if (decision.kind !== 'by') return decision
  const { relation } = decision
  let rest: readonly Suspect[] = problem.suspects.filter(
    (suspect) => relation !== 'beside' || suspect.relation === 'beside',
  )
  const all = groupOf(relation)(rest)
  const alone: Group = { relation, files: [] }

  const found: { relation: Relation; files: readonly string[] }[] = []
  let more = false
  let without: Group | undefined
  do {
    const files = yield* smallest({
      evidence,
      phase: 'files',
      groupOf: (ids) => ({ relation, files: ids }),
      suspects: rest,
    })
    if (files === undefined) break
    found.push({ relation: yield* simplest(evidence, relation, files), files })
    rest = rest.filter(({ id }) => !files.includes(id))
    more = false
    if (rest.length === 0 || problem.causes === 1) break
    without = groupOf(relation)(rest)
    more = yield* ask(evidence, 'confirm', without, ERRORS.usual)
  } while (more && found.length < problem.causes)

  const causes: Cause[] = []
  for (const cause of found)
    causes.push({
      ...cause,
      tests: yield* testsOfCause(evidence, problem, cause),
      with: evidence.tally(cause),
    })
  const [first, ...others] = causes
  if (first === undefined) return { kind: 'unclear', with: evidence.tally(all), alone: evidence.tally(alone) }
  return {
    kind: 'found',
    causes: [first, ...others],
    alone: evidence.tally(alone),
    ...(without === undefined ? {} : { without: evidence.tally(without) }),
    more,
  }
}

function groupOf(relation: Relation): (suspects: readonly Suspect[]) => Group {
  return (suspects) => ({ relation, files: suspects.map(({ id }) => id) })
}

/** Files that were found beside the test may do the same before it, once nothing else is there. */
function* simplest(evidence: Evidence, relation: Relation, files: readonly string[]): Asking<Relation> {
  if (relation === 'before') return relation
  return (yield* ask(evidence, 'confirm', { relation: 'before', files }, ERRORS.strict)) ? 'before' : relation
}
