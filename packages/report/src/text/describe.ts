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

/**
 * A finding of any kind in one line: the file and test that it is about, unless the sentence names them, and the line
 * of code that it goes back to. Its kind is for machines.
 */
export function findingText({ message, file, test, place }: Finding): string {
  const about = [file, test].filter((name) => name !== undefined && !message.includes(name)).join(' > ')
  return `${about === '' ? '' : `${about}: `}${findingSentence({ message, place })}`
}

/** The same where its file and test stand beside it. */
function findingSentence({ message, place }: { message: string; place?: string | undefined }): string {
  const sentence = message.trim().replaceAll(/\s*\n\s*/g, ' ')
  return place === undefined || message.includes(place)
    ? sentence
    : `${sentence.replace(/\.$/, '')} (${place})`
}
