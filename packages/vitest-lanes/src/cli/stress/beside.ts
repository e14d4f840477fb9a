import type { BesideCount } from './result.ts'

/**
 * How often other files ran beside a test: in runs in which it failed, and in runs in which it passed. First comes what
 * most tells the two apart.
 */
export function countBeside(
  failures: readonly (readonly string[])[],
  passes: readonly (readonly string[])[],
): readonly BesideCount[] {
  const inFailures = countRuns(failures)
  const inPasses = countRuns(passes)
  const contrast = ({ failures: failed, passes: passed }: BesideCount): number =>
    failed / Math.max(1, failures.length) - passed / Math.max(1, passes.length)
  return Array.from(inFailures, ([file, count]): BesideCount => ({
    file,
    failures: count,
    passes: inPasses.get(file) ?? 0,
  })).toSorted((a, b) => contrast(b) - contrast(a) || (a.file < b.file ? -1 : 1))
}

function countRuns(runs: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const files of runs) for (const file of new Set(files)) counts.set(file, (counts.get(file) ?? 0) + 1)
  return counts
}
