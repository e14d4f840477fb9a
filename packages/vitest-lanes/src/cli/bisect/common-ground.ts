import { commonGround, fileKey, meetingText } from '@vitest-lanes/core'
import type { FileRecord, Footprint, RunRecord } from '@vitest-lanes/core'
import { claimsText } from '@vitest-lanes/report'
import { readFootprints } from '../audit/footprints-file.ts'

/** What two files touch in common. */
export interface CommonGround {
  /** `audit`: from what was watched. `claims`: only what the configuration says of them. */
  readonly source: 'audit' | 'claims'
  /** A phrase each: `redis: both write user:*`. */
  readonly on: readonly string[]
}

/** Tells of a file what it touches in common with the file of the test. */
export interface GroundOf {
  (file: string): CommonGround
  /** Whether it is known that the two disturb each other. */
  collides(file: string): boolean
}

const SHOWN = 5

/** From the footprints that `audit` has left, where both files are in them; else from their claims. */
export async function groundOf(root: string, record: RunRecord, own: string): Promise<GroundOf> {
  const footprints = await footprintsOf(root)
  const files = new Map(record.files.map((file) => [fileKey(file), file]))
  const meetings = (file: string): readonly string[] | undefined => {
    const [one, other] = [footprints.get(file), footprints.get(own)]
    if (one === undefined || other === undefined) return undefined
    return commonGround(one, other).map((meeting) => `${meeting.resource}: ${meetingText(meeting)}`)
  }
  const ground = (file: string): CommonGround => {
    const on = meetings(file)
    if (on !== undefined) return { source: 'audit', on: on.slice(0, SHOWN) }
    return { source: 'claims', on: commonClaims(files.get(file), files.get(own)) }
  }
  return Object.assign(ground, { collides: (file: string) => (meetings(file)?.length ?? 0) > 0 })
}

/** What cannot be read, or was never made, tells nothing. */
async function footprintsOf(root: string): Promise<ReadonlyMap<string, Footprint>> {
  const footprints = await readFootprints(root).catch(() => [])
  return new Map(footprints.map((footprint) => [fileKey(footprint), footprint]))
}

function commonClaims(one: FileRecord | undefined, other: FileRecord | undefined): readonly string[] {
  const theirs = new Set(other?.claims.map(({ resource }) => resource))
  const common = one?.claims.filter(({ resource }) => theirs.has(resource)) ?? []
  return common.map((claim) => {
    const { resource } = claim
    const [a, b] = [one?.instances?.[resource], other?.instances?.[resource]]
    const where = a !== undefined && a === b ? `, both on instance ${a} in the recorded run` : ''
    return `both claim ${claimsText([claim])}${where}`
  })
}
