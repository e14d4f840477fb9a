import type { Claim, Mode } from './claim.ts'
import { LanesError } from './errors.ts'
import { nearest } from './nearest.ts'

const MODES: readonly Mode[] = ['exclusive', 'shared']

/**
 * Reads a claim as users write it: `redis`, `redis/shared`, `redis/exclusive`. Exclusive where no mode is given.
 * A resource name has letters, digits, `-` and `_`, as Vitest's `@module-tag` allows no others. `where` is the place
 * that an error names.
 *
 * @throws LanesError LANES_CLAIM_INVALID
 */
export function parseClaim(text: string, where?: string): Claim {
  const place = where === undefined ? '' : ` in ${where}`
  const [resource = '', mode = 'exclusive', ...rest] = text.split('/')
  if (!/^[\w-]+$/.test(resource) || rest.length > 0)
    throw new LanesError(
      'LANES_CLAIM_INVALID',
      `Expected a claim such as \`redis\` or \`redis/shared\`, got \`${text}\`${place}.`,
      { hint: 'Write the resource, then `/shared` if the file only reads it.' },
    )
  if (!isMode(mode)) {
    const meant = nearest(mode, MODES)
    throw new LanesError(
      'LANES_CLAIM_INVALID',
      `Expected \`shared\` or \`exclusive\` after the \`/\`, got \`${mode}\` in the claim \`${text}\`${place}.`,
      {
        hint: meant
          ? `Did you mean \`${resource}/${meant}\`?`
          : `Write \`${resource}/shared\` or \`${resource}\`.`,
      },
    )
  }
  return { resource, mode }
}

/**
 * Adds up claims from several places, each resource once, in the order in which they came. `where` is whose
 * claims an error says they are.
 *
 * @throws LanesError LANES_CLAIM_BOTH_MODES where a resource is claimed both shared and exclusive.
 */
export function mergeClaims(claims: Iterable<Claim>, where = 'One file'): readonly Claim[] {
  const merged: Claim[] = []
  for (const claim of claims) {
    let known: Claim | undefined
    for (const other of merged) if (other.resource === claim.resource) known = other
    if (known === undefined) merged.push(claim)
    else if (known.mode !== claim.mode)
      throw new LanesError(
        'LANES_CLAIM_BOTH_MODES',
        `${where} claims \`${claim.resource}\` both shared and exclusive.`,
        {
          hint: `Keep \`${claim.resource}\` if the file changes it, \`${claim.resource}/shared\` if it only reads.`,
        },
      )
  }
  return merged
}

function isMode(text: string): text is Mode {
  return text === 'exclusive' || text === 'shared'
}
