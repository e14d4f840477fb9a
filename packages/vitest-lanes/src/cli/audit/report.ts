import { byDirectory, collisions, outgrown } from '@vitest-lanes/core'
import type { Collision, DirectoryClaims, DirectoryPair, Footprint, Growth } from '@vitest-lanes/core'
import { count } from '@vitest-lanes/report'
import { claimTexts } from './audit-record.ts'
import { collisionLines, footprintLines, growthLines, matrixLines } from './text.ts'

/** What an audit has found, as `--json` shows it. */
export interface AuditReport {
  readonly files: readonly Footprint[]
  readonly collisions: readonly Collision[]
  readonly directories: readonly DirectoryPair[]
  readonly claims: readonly DirectoryClaims[]
  readonly outgrown: readonly Growth[]
  /** First lines of what made files fail, by `fileKey`. */
  readonly failures: Readonly<Record<string, string>>
}

export function reportOf(
  footprints: readonly Footprint[],
  least: readonly DirectoryClaims[],
  failures: ReadonlyMap<string, string>,
): AuditReport {
  const found = collisions(footprints)
  return {
    files: footprints,
    collisions: found,
    directories: byDirectory(footprints, found),
    claims: least,
    outgrown: outgrown(footprints),
    failures: Object.fromEntries(failures),
  }
}

/** The same for people. */
export function reportText(
  footprints: readonly Footprint[],
  least: readonly DirectoryClaims[],
  { failures, isBlind }: { readonly failures: ReadonlyMap<string, string>; readonly isBlind: boolean },
): string[] {
  const doubt = isBlind
    ? 'no server was watched'
    : failures.size > 0
      ? `${count(failures.size, 'file')} failed`
      : undefined
  const report = reportOf(footprints, least, failures)
  const matrix = matrixLines(report.directories)
  return [
    ...footprintLines(footprints),
    ...section(collisionLines(footprints, report.collisions, doubt)),
    ...section(matrix),
    ...section(isBlind ? [] : claimLines(least)),
    ...section(growthLines(report.outgrown)),
    ...section(
      failures.size === 0
        ? []
        : [
            `${count(failures.size, 'file')} failed, alone: what they show is a part.`,
            ...[...failures].map(([file, message]) => `  ${file}: ${message}`),
          ],
    ),
  ]
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines]
}

function claimLines(least: readonly DirectoryClaims[]): string[] {
  return [
    'The least that each directory must claim (`--write` proposes the lines):',
    ...least.map(({ directory, claims }) => `  ${directory || '.'}: [${claimTexts(claims).join(', ')}]`),
  ]
}
