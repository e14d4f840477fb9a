import type { Claim } from '../claim.ts'
import type { FileOutcome } from '../record.ts'

/** Raised when a reader of older footprints would misread new ones. */
export const FOOTPRINT_VERSION = 1

/**
 * How something was used. `all` is written, and `any` read, by a command that acts on a whole server: `FLUSHALL` writes
 * whatever others have there, `KEYS *` reads it.
 */
export type UseMode = 'read' | 'write' | 'any' | 'all'

/** One thing that a file used. */
export interface Use {
  /**
   * What it is: `key`, `queue`, `channel`, `script`, `table`, `sequence`, `object`, `lock`, `server`, `port`, `file`,
   * `variable`, `address`, or a word of the provider's own. Uses of different kinds never meet, unless one is of the
   * whole server.
   */
  readonly kind: string
  /**
   * Its name: `public.jobs`. Where it stands for several, `*` is any text, and `{random}` a text that no other file has:
   * `bull:mails:*`.
   */
  readonly name: string
  readonly mode: UseMode
}

/** What a file did to one instance, as seen from the outside. */
export interface FootprintPart {
  /** Each once, with the names as they are: ids are generalised by who asked. */
  readonly uses: readonly Use[]
  /** What instances of the resource do not keep apart, such as a role of a server on which each has a database. */
  readonly beyond?: readonly Use[]
  /** What could not be seen, a sentence each. */
  readonly unseen?: readonly string[]
}

/** What one file did when it ran alone on instances that were watched. */
export interface Footprint {
  /** Path from the root, with `/`. */
  readonly file: string
  /** The project's name; empty for an unnamed one. */
  readonly project: string
  /** Hash of its text. */
  readonly content?: string
  /** Of the run that was watched: of a file that failed, the footprint is a part. */
  readonly outcome: FileOutcome
  /** What it claims by the configuration. */
  readonly claims: readonly Claim[]
  /** By resource; only those that it used. Sorted. */
  readonly resources: Readonly<Record<string, readonly Use[]>>
  /** What it used of the machine: ports, files, variables, addresses. Sorted. */
  readonly machine: readonly Use[]
  /** What could not be seen, a sentence each. */
  readonly unseen: readonly string[]
}

/** What `audit` leaves for other commands. */
export interface Footprints {
  readonly version: typeof FOOTPRINT_VERSION
  /** Sorted by file and project. */
  readonly files: readonly Footprint[]
}
