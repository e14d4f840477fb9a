/** A fault that suites have, and a project that has it. */
export interface Fault {
  /** Name of the folder with its test files. */
  readonly name: string
  /** What kind it is, in a few words. */
  readonly kind: string
  /** Public issues where it was met. */
  readonly seen: readonly string[]
  /** The two files: either may be the one that fails where `mutual`, else the second. */
  readonly files: readonly [string, string]
  readonly mutual: boolean
  /** Lanes of its project. */
  readonly lanes: number
  /** Whether each file has a process of its own. */
  readonly isolate: boolean
  /** On what an audit says that the two would meet; undefined where no server, port or file is involved. */
  readonly meets: RegExp | undefined
}
