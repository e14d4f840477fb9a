import { ALONE, SEQUENTIAL, type Claim } from '../claim.ts'
import { fileKey } from '../history.ts'
import { collisions } from './collisions.ts'
import type { Footprint } from './footprint.ts'
import { changes } from './least-claims.ts'
import { someUses, whatMeets } from './words.ts'

/** What a file does that its claims do not cover. */
export interface Growth {
  /** As `fileKey` has it. */
  readonly file: string
  /** `machine` for ports, files and addresses. */
  readonly resource: string
  /** One sentence, without the file. */
  readonly message: string
}

/** What files do beyond what they claim. Empty: each claims enough. */
export function outgrown(footprints: readonly Footprint[]): readonly Growth[] {
  return [...footprints.flatMap(beyondItsClaims), ...onTheMachine(footprints)]
}

function beyondItsClaims(footprint: Footprint): Growth[] {
  const { claims, resources, machine } = footprint
  if (takesTurns(claims)) return []
  const file = fileKey(footprint)
  const found = Object.entries(resources).flatMap(([resource, uses]): Growth[] => {
    const claim = claims.find((each) => each.resource === resource)
    if (claim === undefined)
      return [{ file, resource, message: `uses ${someUses(uses)} and does not claim \`${resource}\`` }]
    const writes = claim.mode === 'shared' ? uses.filter(changes) : []
    if (writes.length === 0) return []
    return [{ file, resource, message: `claims \`${resource}/shared\` and writes ${someUses(writes)}` }]
  })
  const addresses = machine.filter(({ kind }) => kind === 'address')
  if (addresses.length > 0)
    found.push({
      file,
      resource: 'machine',
      message: `connects to ${someUses(addresses)}, which is no instance's`,
    })
  return found
}

/** Two files that meet on the machine, and have nothing that keeps one from running beside the other. */
function onTheMachine(footprints: readonly Footprint[]): Growth[] {
  const byKey = new Map(footprints.map((each) => [fileKey(each), each]))
  const alone = footprints.map((each) => ({ ...each, resources: {} }))
  return collisions(alone).flatMap(({ files, on }): Growth[] => {
    const [one, other] = files
    if (keptApart(byKey.get(one)!.claims, byKey.get(other)!.claims)) return []
    return [
      {
        file: one,
        resource: 'machine',
        message: `${whatMeets(on[0]!)}, as ${other} does, and both may run at once`,
      },
    ]
  })
}

function has(claims: readonly Claim[], name: string): boolean {
  return claims.some(({ resource }) => resource === name)
}

function keptApart(one: readonly Claim[], other: readonly Claim[]): boolean {
  return has(one, ALONE) || has(other, ALONE) || (has(one, SEQUENTIAL) && has(other, SEQUENTIAL))
}

/** Whoever runs one at a time may share a server that is named in the code. */
function takesTurns(claims: readonly Claim[]): boolean {
  return claims.some(
    ({ resource, mode }) => mode === 'exclusive' && (resource === SEQUENTIAL || resource === ALONE),
  )
}
