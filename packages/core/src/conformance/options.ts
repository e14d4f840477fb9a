import type { Provider } from '../provider.ts'

/** What `conformance` needs of a test framework: Vitest's functions, or those of another that has the same. */
export interface TestApi {
  readonly describe: (title: string, tests: () => void) => unknown
  readonly test: (title: string, run: () => Promise<void>) => unknown
  readonly expect: (actual: unknown, message?: string) => { toEqual(expected: unknown): unknown }
}

/** Environment variables of an instance. */
export type Env = Readonly<Record<string, string>>

/** What the author of a provider gives: how to make one, and how a test file would use it. */
export interface ConformanceOptions {
  /** Makes a provider that has served nobody. Called at least once for each test. */
  readonly create: () => Provider
  /**
   * Leaves a mark in an instance that a clean one does not have: a key, a row, a file, named so. It has really been
   * left when the promise resolves, and the connection that it took is closed.
   */
  readonly mark: (env: Env, name: string) => Promise<void>
  /** Names of all marks that can be seen in an instance. Rejects if nothing is there to look at. */
  readonly marks: (env: Env) => Promise<readonly string[]>
  /** Kills what serves an instance, as a crash would. Without it, nothing is asked about instances that die. */
  readonly kill?: (env: Env) => Promise<void>
  /** Makes a provider that cannot start or cannot open. Without it, nothing is asked about one that fails. */
  readonly createBroken?: () => Provider
  /**
   * What there is now, on the machine or the server, of this provider's making in this process: a line each for a
   * process, a folder, a port, a database. Without it, an instance that has gone is only asked for its marks.
   */
  readonly left?: () => Promise<readonly string[]>
  /** What relative paths are resolved from; `/` where left out. */
  readonly root?: string
  /** How many instances are opened side by side; 3 where left out. Fewer if the provider has room for fewer. */
  readonly instances?: number
}
