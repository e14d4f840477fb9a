import type { Footprint, Use } from './footprint.ts'
import { namesMeet } from './patterns.ts'

/** The machine as a resource: ports, files and addresses, which no instance keeps apart. */
export const MACHINE = 'machine'

/** Two uses, of two files, of which one can disturb the other. */
export interface Meeting {
  /** On which resource; `machine` for ports, files and addresses. */
  readonly resource: string
  /**
   * `write`: both change it. `read`: one changes what the other reads. `whole`: a command of one acts on the whole server.
   */
  readonly how: 'write' | 'read' | 'whole'
  readonly first: Use
  readonly second: Use
}

/** Who only reads a variable, or lists what the code connects to, disturbs nobody. */
const QUIET: ReadonlySet<string> = new Set(['variable', 'address'])
/** Two that send there do not hear each other. */
const HEARD: ReadonlySet<string> = new Set(['channel'])
const ORDER = { whole: 0, write: 1, read: 2 }

/**
 * What two files have in common of which one could disturb the other, were their instances one: what is changed by both
 * or read by one and changed by the other. The worst first. Empty: they could share.
 */
export function commonGround(one: Footprint, other: Footprint): readonly Meeting[] {
  const found = [...meetingsOn(MACHINE, one.machine, other.machine)]
  for (const [resource, uses] of Object.entries(one.resources))
    found.push(...meetingsOn(resource, uses, other.resources[resource] ?? []))
  return found.sort((a, b) => ORDER[a.how] - ORDER[b.how])
}

function* meetingsOn(resource: string, uses: readonly Use[], others: readonly Use[]): Generator<Meeting> {
  const seen = new Set<string>()
  for (const first of uses)
    for (const second of others) {
      const how = howTheyMeet(first, second)
      if (how === undefined) continue
      // What is both read and written is told once, and a `FLUSHALL` not for each thing that it meets.
      const what =
        how === 'whole' ? wholeOf(first, second).name : `${first.kind} ${first.name} ${second.name}`
      if (seen.has(`write ${what}`) || seen.has(`${how} ${what}`)) continue
      seen.add(`${how} ${what}`)
      yield { resource, how, first, second }
    }
}

function howTheyMeet(one: Use, other: Use): Meeting['how'] | undefined {
  if (QUIET.has(one.kind) || QUIET.has(other.kind)) return undefined
  if (one.mode === 'all' || other.mode === 'all') return 'whole'
  const writes = isWritten(one) || isWritten(other)
  if (one.mode === 'any' || other.mode === 'any') return writes ? 'whole' : undefined
  if (!writes || one.kind !== other.kind || !namesMeet(one.name, other.name)) return undefined
  const both = isWritten(one) && isWritten(other)
  if (both && HEARD.has(one.kind)) return undefined
  return both ? 'write' : 'read'
}

/** Of two uses, the one of the whole server. */
export function wholeOf(one: Use, other: Use): Use {
  if (one.mode === 'all') return one
  if (other.mode === 'all') return other
  return one.mode === 'any' ? one : other
}

function isWritten({ mode }: Use): boolean {
  return mode === 'write' || mode === 'all'
}
