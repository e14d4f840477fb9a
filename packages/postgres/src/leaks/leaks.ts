import type { Finding, InspectedFile } from '@vitest-lanes/core'
import { findingsOf } from '../findings.ts'
import type { Session } from '../sql/session.ts'
import { activityOn } from './activity.ts'
import { contentsOf, type Contents } from './contents.ts'

/** Where the contents of a database can be looked at. */
export interface Inside {
  /** Tables that were empty before. */
  readonly empty: readonly number[]
  readonly connect: () => Promise<Session>
}

export interface LeakedDatabase {
  readonly resource: string
  readonly database: string
  readonly file: InspectedFile | undefined
  readonly inside?: Inside
}

/** What a file left on its database. `session` is on another one. */
export async function leaksOn(session: Session, left: LeakedDatabase): Promise<Finding[]> {
  const { resource, database, file, inside } = left
  const activity = await activityOn(session, database)
  // Whoever is still connected has not yet counted all that it did, and may hold locks that we would wait for. To connect
  // takes longer than all else, and most files that delete what they wrote need no look.
  const isLookedInto = activity.connections.length === 0 && !activity.isEven
  const contents = isLookedInto && inside !== undefined ? await look(inside, activity.oid) : undefined
  return findingsOf(resource, activity, contents, file)
}

async function look({ empty, connect }: Inside, oid: number): Promise<Contents> {
  const session = await connect()
  try {
    return await contentsOf(session, empty, oid)
  } finally {
    // Nobody waits for a server process to end.
    session.end().catch(() => undefined)
  }
}
