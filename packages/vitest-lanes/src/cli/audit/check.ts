import { fileKey, outgrown } from '@vitest-lanes/core'
import type { Footprint, Growth } from '@vitest-lanes/core'
import { claimTexts } from './audit-record.ts'
import type { AuditRecord } from './audit-record.ts'

/** What CI is told. */
export interface CheckResult {
  /** Files that failed, by `fileKey`: what they use is not known. */
  readonly failed: readonly string[]
  /** What files do that their claims do not cover. */
  readonly outgrown: readonly Growth[]
  /** What the certificates do not say any more, a sentence each. */
  readonly stale: readonly string[]
  /** What they never said, a sentence each; no failure. */
  readonly notes: readonly string[]
}

/** Holds footprints against claims, and claims against certificates. */
export function checkAudit(footprints: readonly Footprint[], { certified }: AuditRecord): CheckResult {
  const stale: string[] = []
  const notes: string[] = []
  for (const [directory, { outcome, files }] of Object.entries(certified)) {
    const here = footprints.filter(({ file }) => directory === '.' || isBelow(file, directory))
    if (here.length === 0) continue
    if (outcome === 'failed') stale.push(`${directory} was not certified: its runs failed.`)
    for (const footprint of here) {
      const key = fileKey(footprint)
      const [now, then] = [claimTexts(footprint.claims).join(', '), files[key]?.join(', ')]
      if (then === undefined) notes.push(`${key} is new since ${directory} was certified.`)
      else if (then !== now)
        stale.push(`${key} was certified with ${bracketed(then)} and claims ${bracketed(now)} now.`)
    }
  }
  const failed = footprints.filter(({ outcome }) => outcome === 'failed').map(fileKey)
  return { failed, outgrown: outgrown(footprints), stale, notes }
}

export function isBelow(file: string, directory: string): boolean {
  return file === directory || file.startsWith(`${directory}/`)
}

function bracketed(claims: string): string {
  return `[${claims}]`
}
