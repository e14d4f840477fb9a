import type { Claim, Finding } from '@vitest-lanes/core'
import type { Link } from '../analysis/chain.ts'

/** `redis, postgres/shared`. */
export function claimsText(claims: readonly Claim[]): string {
  return claims.map(({ resource, mode }) => (mode === 'shared' ? `${resource}/shared` : resource)).join(', ')
}

/** ` on redis 2, postgres 5`; nothing where there are none. */
export function instancesText(instances: Readonly<Record<string, number>> = {}): string {
  const all = Object.entries(instances).map(([name, number]) => `${name} ${number}`)
  return all.length === 0 ? '' : ` on ${all.join(', ')}`
}

/** What was given back before a file of the chain could begin: `stripe 1`, `lane 2`. */
export function linkReason({ after }: Link): string {
  if (after === undefined) return ''
  return 'lane' in after ? `lane ${after.lane}` : `${after.resource} ${after.instance}`
}

/** A finding in one line. Its kind and resource are for machines and tables: the sentence says what they mean. */
export function findingText({ message }: Finding): string {
  return message.trim().replaceAll(/\s*\n\s*/g, ' ')
}
