import type { FileRecord } from '../record.ts'

/**
 * Each time that a lane ran the file or a part of it, as if each part were a file: `a.test.ts (part 2 of 3)`. A file that
 * ran whole is itself.
 */
export function runsOf(record: FileRecord): readonly FileRecord[] {
  const { parts, again, ...file } = record
  if (parts === undefined) return [record]
  const { file: name, project, claims, outcome } = file
  const runs = parts.map(({ tests, error, ...part }, index): FileRecord => ({
    file: `${name} (part ${index + 1} of ${parts.length})`,
    project,
    claims,
    outcome: again === undefined ? outcome : 'cancelled',
    tests: {
      passed: outcome === 'passed' && again === undefined ? tests : 0,
      failed: 0,
      skipped: 0,
      todo: 0,
    },
    ...part,
    ...(error === undefined ? {} : { error }),
  }))
  return again === undefined ? runs : [...runs, file]
}
