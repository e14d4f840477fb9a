import type { Finding, InspectedFile } from '@vitest-lanes/core'
import { findingsOf } from '../findings.ts'
import type { Session } from '../sql/session.ts'
import { activityOn } from './activity.ts'
import type { Contents } from './contents.ts'

export interface LeakedDatabase {
  readonly resource: string
  readonly database: string
  readonly file: InspectedFile | undefined
  /** Looks into the database, to which nobody is connected; `undefined` where that cannot be. */
  contents(): Promise<Contents | undefined> | undefined
}

/** What a file left on its database. `session` is on another one. */
export async function leaksOn(session: Session, left: LeakedDatabase): Promise<Finding[]> {
  const activity = await activityOn(session, left.database)
  // Whoever is still connected has not yet counted all that it did, and may hold locks that we would wait for.
  const contents = activity.connections.length > 0 ? undefined : await left.contents()
  return findingsOf(left.resource, activity, contents, left.file)
}
