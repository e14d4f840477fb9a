import type { BisectTarget, Cause, NeededTests, Relation, Verdict } from '@vitest-lanes/core'

/** What was found, in one sentence. */
export function sentenceOf(verdict: Verdict, { file, name }: BisectTarget): string {
  const test = `${file} > ${name}`
  switch (verdict.kind) {
    case 'alone':
      return `${test} fails alone, with no other file beside or before it.`
    case 'outlived':
      return `${test} passed alone until other files had run, and fails alone since: what a trial leaves behind reaches the next.`
    case 'never':
      return `${test} never failed, alone or with others: ${verdict.trials} trials each exclude, at 95 %, that it fails in more than ${percent(verdict.excludes)} of them.`
    case 'unclear':
      return `${test} fails, but too seldom or too irregularly for its trials to name a file.`
    case 'found': {
      const [first, ...others] = verdict.causes.map(causeText)
      const either = [first, ...others.map((other) => `or when ${other}`)].join(', ')
      return `${test} fails when ${either}.`
    }
    default:
      return verdict satisfies never
  }
}

function causeText({ relation, files, tests }: Cause): string {
  const names = files.map((file) => fileText(file, tests[file]))
  const last = names.at(-1)!
  const all = names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
  return `${all} ${VERBS[relation][files.length === 1 ? 'one' : 'several']}`
}

const VERBS: Readonly<Record<Relation, { readonly one: string; readonly several: string }>> = {
  before: { one: 'has run before it', several: 'have run before it' },
  beside: { one: 'runs beside it', several: 'run beside it' },
  recorded: {
    one: 'runs when it did in the recorded run',
    several: 'run before and beside it, as in the recorded run',
  },
}

function fileText(file: string, tests: NeededTests | undefined): string {
  if (tests === undefined) return file
  if (tests.any) return `${file} (whichever of its tests)`
  const [first, ...others] = tests.names
  return others.length === 0 ? `${file} > ${first}` : `${file} (its tests ${tests.names.join(', ')})`
}

export function percent(part: number): string {
  return `${Math.ceil(part * 1000) / 10} %`
}
