import type { Finding, InspectedFile } from '@vitest-lanes/core'
import { findingsOf } from '../findings.ts'
import type { Session } from '../sql/session.ts'
import { activityOn } from './activity.ts'
import { contentsOf } from './contents.ts'

export interface LeakedDatabase {
  readonly resource: string
  readonly database: string
  readonly file: InspectedFile | undefined
  /** Where its contents can be looked at. */
  readonly inside?: {
    /** Tables that were empty before. */
    readonly empty: ReadonlySet<number>
    connect(): Promise<Session>
  }
}

/** What a file left on its database. `session` is on another one. */
export async function leaksOn(session: Session, left: LeakedDatabase): Promise<Finding[]> {
  // To connect takes longer than all else: it goes on beside.
  const connecting = left.inside?.connect().catch(() => undefined)
  const activity = await activityOn(session, left.database)
  const inside = await connecting
  try {
    // Whoever is still connected has not yet counted all that it did, and may hold locks that we would wait for.
    const isLookedInto = inside !== undefined && activity.connections.length === 0
    const contents = isLookedInto
      ? await contentsOf(inside, left.inside?.empty ?? new Set(), activity.oid)
      : undefined
    return findingsOf(left.resource, activity, contents, left.file)
  } finally {
    // Nobody waits for a server process to end.
    inside?.end().catch(() => undefined)
  }
}
