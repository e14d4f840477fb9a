/**
 * The one catalogue of coded errors. A code is API: it is never given another meaning, and never used twice.
 * Each message says what was expected, what came and where; `hint` says what to do.
 */
export const CODES = {
  LANES_OPTION_UNKNOWN: 'an option that does not exist',
  LANES_OPTION_INVALID: 'an option with a value that it cannot have',
  LANES_RESOURCE_UNKNOWN: 'a claim names a resource that is not declared',
  LANES_RESOURCE_NAME: 'a resource has a name that cannot be used',
  LANES_CLAIM_INVALID: 'a claim that cannot be read',
  LANES_CLAIM_BOTH_MODES: 'a file claims one resource both shared and exclusive',
  LANES_PLUGIN_TWICE: 'two lanes() plugins in one Vitest',
  LANES_VITEST_TOO_OLD: 'a Vitest older than 4.1',
  LANES_PEER_MISSING: 'a package that is needed is not installed',
  LANES_PROVIDER_START: 'a provider could not start',
  LANES_PROVIDER_OPEN: 'a provider could not open an instance',
  LANES_INSTANCE_LOST: 'an instance died while a file used it',
  LANES_SERVER_START: 'a server could not be started',
  LANES_SERVER_MISSING: 'no server of the kind asked for was found',
  LANES_MIGRATION: 'a migration failed',
  LANES_RECORD_VERSION: 'a run record that this version cannot read',
  LANES_FILE_TWICE: 'a file was enqueued while it still waits or runs',
  LANES_FIXTURE_SERVER: 'a fixture found no server, or one that does not answer',
  LANES_FIXTURE_USE: 'a fixture was used in a way that it cannot serve',
  LANES_WAIT_TIMEOUT: 'what a test waited for did not come in time',
  LANES_LEAK: 'a file left something behind, and `leaks` is `fail`',
  LANES_HISTORY: 'a history of durations that cannot be read',
  LANES_SHARDS_DIFFER: 'machines divided the files of one run in different ways',
  LANES_UNDECLARED: 'a file used what it does not claim, and `undeclared` is `fail`',
  LANES_RECORD_MISSING: 'there is no run record where one was looked for',
  LANES_NO_FILES: 'no test file is there to run',
  LANES_FOOTPRINTS: 'footprints that are missing or cannot be read',
  LANES_AUDIT: 'an audit that cannot be made, or its record cannot be read',
  LANES_TEST_UNKNOWN: 'a test is named that there is not, or that may be one of several',
  LANES_NOT_FAILED: 'no recorded run has a failure of the test that was named',
  LANES_NOT_REPRODUCED: 'a recorded failure did not come again, or too seldom',
  LANES_TRIALS_MEET: 'what one trial leaves behind reaches the next',
  LANES_TRIAL: 'a trial that ended before its files did',
  LANES_BISECT_STATE: 'a search for a cause that was ended, and cannot be read any more',
  LANES_CLAIM_BEYOND: 'a file claims something, but runs in a browser or in a pool that is not ours',
} as const

export type LanesCode = keyof typeof CODES

/** An error that says what, where and what to do, with a code. */
export class LanesError extends Error {
  override readonly name = 'LanesError'
  readonly code: LanesCode
  /** What to do next: one sentence. */
  readonly hint: string | undefined

  constructor(code: LanesCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(
      `${message}${options.hint === undefined ? '' : `\n  → ${options.hint}`}\n  [${code}]`,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.code = code
    this.hint = options.hint
    // The message has both: whoever prints all fields of an error would say them twice.
    for (const name of ['name', 'code', 'hint']) Object.defineProperty(this, name, { enumerable: false })
    // Where in our code an option was looked at means nothing to who wrote it.
    if (code.startsWith('LANES_OPTION_')) this.stack = `${this.name}: ${this.message}`
  }
}
