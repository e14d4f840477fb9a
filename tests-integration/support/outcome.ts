import { relative } from 'node:path'
import type { Project, VitestRun } from './project.ts'

/** What a run says of each file, without what differs from run to run. */
export function outcomes({ root }: Project, { report }: VitestRun): Record<string, unknown> {
  const files = report?.testResults.map(({ name, status, message, assertionResults }) => [
    relative(root, name),
    {
      status,
      message: firstLine(message),
      tests: assertionResults.map((test) => [
        test.fullName,
        test.status,
        (test.failureMessages ?? []).map(firstLine),
      ]),
    },
  ])
  return Object.fromEntries((files ?? []).sort(([a], [b]) => (a! < b! ? -1 : 1)))
}

/** Path to outcome, by the run record. */
export function recorded({ record }: VitestRun): Record<string, string> {
  const files = record?.files.map(({ file, outcome }) => [file, outcome] as const) ?? []
  return Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
