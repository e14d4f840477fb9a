import { availableParallelism } from 'node:os'
import { ALONE, SEQUENTIAL, fileKey } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'

const MOST = 4

/**
 * How many trials may run at once: several only where each file of the search claims something, all that it claims has
 * a provider, which gives each trial instances of its own, and no file was seen to use anything beside. A server that
 * files find by themselves is one for all trials: what a file of one leaves on it would fail the test of another.
 */
export function parallelOf(record: RunRecord, files: readonly string[]): number {
  const involved = new Set(files)
  const isProvided = (resource: string): boolean =>
    resource !== SEQUENTIAL && resource !== ALONE && record.resources[resource]?.source !== undefined
  const isSafe = record.files
    .filter((file) => involved.has(fileKey(file)))
    .every(({ claims }) => claims.length > 0 && claims.every(({ resource }) => isProvided(resource)))
  const hasUndeclared = record.findings.some(({ kind }) => kind.startsWith('undeclared'))
  if (!isSafe || hasUndeclared) return 1
  return Math.min(MOST, Math.max(1, Math.floor(availableParallelism() / 2)))
}
