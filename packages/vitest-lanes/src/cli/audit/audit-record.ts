import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LanesError, fileKey } from '@vitest-lanes/core'
import type { Claim, Footprint } from '@vitest-lanes/core'
import { writeWhole } from '../../run/folder.ts'

/** Beside Vitest's configuration, to be committed. */
export const AUDIT_RECORD = 'vitest-lanes.audit.json'

const VERSION = 1

/** How often a directory ran in parallel, and what came of it. */
export interface Certificate {
  readonly outcome: 'passed' | 'failed'
  /** Shuffled, each in another order. */
  readonly runs: number
  readonly lanes: number
  /** What each file claimed, by `fileKey`. */
  readonly files: Readonly<Record<string, readonly string[]>>
  /** What failed, a line each; absent where nothing did. */
  readonly failures?: readonly string[]
}

/** What CI checks. */
export interface AuditRecord {
  readonly version: typeof VERSION
  /** By directory, from Vitest's root; `.` for all. */
  readonly certified: Readonly<Record<string, Certificate>>
}

/**
 * Reads the record; one without directories where there is none.
 * @throws LanesError LANES_AUDIT where it cannot be read
 */
export async function readAuditRecord(root: string): Promise<AuditRecord> {
  const path = join(root, AUDIT_RECORD)
  const json = await readFile(path, 'utf8').catch(() => undefined)
  if (json === undefined) return { version: VERSION, certified: {} }
  const found = parse(json)
  if (found?.version === VERSION && typeof found.certified === 'object') return found as AuditRecord
  throw new LanesError(
    'LANES_AUDIT',
    `Expected an audit record of version ${VERSION} in ${path}, got something else.`,
    {
      hint: 'Restore it from your repository, or delete it and run `vitest-lanes audit --certify`.',
    },
  )
}

/** Writes it with a directory's certificate in it. */
export async function writeCertificate(
  root: string,
  directory: string,
  certificate: Certificate,
): Promise<void> {
  const { certified } = await readAuditRecord(root)
  const all = Object.entries({ ...certified, [directory]: certificate }).sort(([a], [b]) => (a < b ? -1 : 1))
  const record: AuditRecord = { version: VERSION, certified: Object.fromEntries(all) }
  await writeWhole(join(root, AUDIT_RECORD), `${JSON.stringify(record, null, 2)}\n`)
}

/** Claims as users write them, sorted. */
export function claimTexts(claims: readonly Claim[]): readonly string[] {
  return claims.map(({ resource, mode }) => (mode === 'shared' ? `${resource}/shared` : resource)).sort()
}

/** What each file claims, as a certificate keeps it. */
export function claimsByFile(
  files: readonly Pick<Footprint, 'file' | 'project' | 'claims'>[],
): Certificate['files'] {
  const entries = files.map((each) => [fileKey(each), claimTexts(each.claims)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function parse(json: string): Partial<AuditRecord> | undefined {
  try {
    const found: unknown = JSON.parse(json)
    return typeof found === 'object' && found !== null ? found : undefined
  } catch {
    return undefined
  }
}
