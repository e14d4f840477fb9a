import { ask, askAll } from './ask.ts'
import type { Evidence } from './evidence.ts'
import { smallest } from './smallest.ts'
import { ERRORS } from './types.ts'
import type { Asking, BisectProblem, Group, NeededTests, Relation } from './types.ts'

/** So many tests are tried one by one: that takes one round, and hardly more trials than a search. */
const FEW = 6
/** How likely it is that the first test suffices, since whatever the file does around a test it does around the first. */
const FIRST = 0.5

/**
 * Which tests of each file at fault it takes. Files that have one test, or whose tests are not known, are left out; so
 * are those where no set of tests was found, which then takes them all.
 */
export function* testsOfCause(
  evidence: Evidence,
  { testsOf }: BisectProblem,
  { relation, files }: { readonly relation: Relation; readonly files: readonly string[] },
): Asking<Record<string, NeededTests>> {
  const found: Record<string, NeededTests> = {}
  for (const file of files) {
    const names = testsOf(file) ?? []
    if (names.length < 2) continue
    const others = Object.fromEntries(Object.entries(found).map(([other, { names }]) => [other, names]))
    const groupOf = (some: readonly string[]): Group => ({
      relation,
      files,
      tests: { ...others, [file]: some },
    })
    const needed = names.length > FEW ? undefined : yield* oneByOne(evidence, groupOf, names)
    const result = needed ?? (yield* search(evidence, groupOf, names))
    if (result !== undefined) found[file] = result
  }
  return found
}

/** Undefined: no test suffices by itself. */
function* oneByOne(
  evidence: Evidence,
  groupOf: (names: readonly string[]) => Group,
  names: readonly string[],
): Asking<NeededTests | undefined> {
  evidence.nextRound()
  const questions = names.map((name) => ({ group: groupOf([name]), errors: ERRORS.strict }))
  const answers = yield* askAll(evidence, 'tests', questions)
  const first = names[answers.indexOf(true)]
  if (first === undefined) return undefined
  return { names: [first], any: answers.every(Boolean) }
}

function* search(
  evidence: Evidence,
  groupOf: (names: readonly string[]) => Group,
  names: readonly string[],
): Asking<NeededTests | undefined> {
  const rest = names.length - 1
  const suspects = names.map((id, index) => ({
    id,
    weight: index === 0 ? (FIRST * rest) / (1 - FIRST) : 1,
  }))
  const found = yield* smallest({ evidence, phase: 'tests', groupOf, suspects })
  if (found === undefined) return undefined
  const other = names.findLast((name) => !found.includes(name))
  const any =
    found.length === 1 &&
    other !== undefined &&
    (yield* ask(evidence, 'tests', groupOf([other]), ERRORS.strict))
  return { names: names.filter((name) => found.includes(name)), any }
}
