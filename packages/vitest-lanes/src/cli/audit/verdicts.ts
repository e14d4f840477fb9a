import type { Footprint } from '@vitest-lanes/core'
import { count } from '@vitest-lanes/report'
import { AUDIT_RECORD } from './audit-record.ts'
import type { Certificate } from './audit-record.ts'
import type { CheckResult } from './check.ts'
import { growthLines } from './text.ts'

/** What a check says to people. */
export function checkText(checked: CheckResult, footprints: readonly Footprint[]): string {
  const wrong = [...growthLines(checked.outgrown), ...checked.stale]
  const failed = checked.failed.map((file) => `${file} failed: what it uses is not known.`)
  const files = count(footprints.length, 'file')
  const found = count(wrong.length, 'fault')
  const verdict =
    wrong.length > 0
      ? `${found} in ${files}. \`vitest-lanes audit --write\` proposes the claims.`
      : failed.length > 0
        ? `${files}: each that passed claims all that it uses.`
        : `${files}: each claims all that it uses.`
  return [...failed, ...wrong, ...checked.notes, verdict].join('\n')
}

/** What became of a certification, for people. */
export function certificateText(
  directory: string,
  { outcome, runs, lanes, files, failures = [] }: Certificate,
): string {
  const what = `${directory}: ${count(Object.keys(files).length, 'file')}, ${count(runs, 'run')} in ${count(lanes, 'lane')}, each in another order`
  return outcome === 'passed'
    ? `${what}: no failure, no leak, no undeclared use. It is in ${AUDIT_RECORD}: commit it.`
    : [`${what}: not certified.`, ...failures.map((line) => `  ${line}`), `It is in ${AUDIT_RECORD}.`].join(
        '\n',
      )
}
