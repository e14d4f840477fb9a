import type { ServerAddress } from './address.ts'
import type { WatchedDatabases } from './audit/watch.ts'
import type { CloneStrategy } from './clones/database.ts'
import type { Session } from './sql/session.ts'
import type { Template } from './template/build-template.ts'

/** A server with a sealed template in it: one of ours, or one that the user names. */
export interface DatabaseServer {
  /** `native PostgreSQL 15.18`. */
  readonly source: string
  /** Where it lies and where its data does, for the log. */
  readonly details: string
  readonly address: ServerAddress
  readonly major: number
  readonly template: Template
  /** The name of a clone that is there already, and that nobody has used. */
  readonly clone?: string
  /** How clones are made; `undefined`: the server knows one way only. */
  readonly strategy: CloneStrategy | undefined
  /** What follows in every `CREATE DATABASE`. */
  readonly createSuffix: string
  /** Most clones that may wait ahead of need. */
  readonly ahead: number
  /** Fewer instances than were asked for. */
  readonly instances?: number
  /** Whether all databases go with the server, so that none needs to be dropped at the end. */
  readonly private: boolean
  /** A session that may create and drop databases; others come from `connect`. */
  readonly admin: Session
  connect(): Promise<Session>
  /** Connects to a clone, to look at what a file left there. Only where the server is ours. */
  readonly connectTo?: (database: string) => Promise<Session>
  /** How to see what a file does in a clone. */
  readonly watched: Pick<WatchedDatabases, 'connect' | 'log' | 'isPrompt'>
  /** Resolves when all its data is in place: until then, nobody opens or clones a database. */
  readonly whole: Promise<void>
  /** Resolves with a sentence when it ends unasked. */
  readonly lost: Promise<string>
  stop(): Promise<void>
}
