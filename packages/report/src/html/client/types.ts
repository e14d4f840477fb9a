/**
 * What the page is given, as JSON. Names that come again and again stand in lists once, and are meant by their place:
 * a thousand files fit in a fifth of a megabyte.
 */
export interface PageData {
  /** ms. */
  readonly duration: number
  readonly lanes: number
  readonly projects: readonly string[]
  readonly outcomes: readonly string[]
  /** What files claim, as text: `redis, postgres/shared`. */
  readonly claims: readonly string[]
  readonly resources: readonly PageResource[]
  /** What files waited for: `lane`, or a resource. */
  readonly causes: readonly string[]
  readonly files: readonly PageFile[]
  /** The chain that bounds the run, first to last: places in `files`. */
  readonly chain: readonly number[]
  readonly findings: readonly PageFinding[]
  /** What comes before a file's path in a link to it. */
  readonly base: string
}

/** One file; -1 for what it has not. Times in ms, whole, since the run began: see `FileTimes`. */
export type PageFile = readonly [
  name: string,
  project: number,
  outcome: number,
  claims: number,
  lane: number,
  times: readonly number[],
  /** Resource, number of the instance, and so on by turns. */
  instances: readonly number[],
  cause: number,
  tests: readonly [passed: number, failed: number, skipped: number],
  estimate: number,
  /** ms. */
  cpu: number,
  /** ms for which no core was free. */
  stalled: number,
  error?: string,
  failed?: readonly PageTest[],
]

/** A test that failed. */
export type PageTest = readonly [name: string, from: number, to: number]

export interface PageResource {
  readonly name: string
  readonly instances: number
  readonly perLane: boolean
  readonly used: number
  readonly source: string
  readonly files: number
  /** 1 where all instances were held all the time. */
  readonly busy: number
  readonly waitingFiles: number
  /** ms. */
  readonly waitingMs: number
}

export interface PageFinding {
  readonly kind: string
  readonly message: string
  /** Place in `files`, or -1. */
  readonly file: number
  readonly resource: string
}

/** A file as the page works with it. */
export interface Entry {
  readonly index: number
  readonly key: string
  /** The key, without the project where there is only one. */
  readonly label: string
  readonly name: string
  /** Where the file is, from the page. */
  readonly href: string
  readonly outcome: string
  readonly claims: string
  readonly lane: number
  readonly queued: number
  /** The following are -1 where they never happened. */
  readonly admitted: number
  readonly ready: number
  readonly started: number
  readonly collected: number
  readonly finished: number
  readonly exited: number
  readonly cleaned: number
  readonly instances: readonly { readonly resource: number; readonly number: number }[]
  readonly cause: string
  readonly tests: readonly [passed: number, failed: number, skipped: number]
  readonly estimate: number
  readonly cpu: number
  readonly stalled: number
  readonly error: string
  readonly failed: readonly PageTest[]
  readonly inChain: boolean
  readonly findings: readonly PageFinding[]
}

/** A bar of the timeline. */
export interface Bar {
  readonly entry: Entry
  readonly from: number
  readonly to: number
  /** From 0: files that share an instance run above each other. */
  readonly level: number
}

/** A row of the timeline. */
export interface Row {
  readonly kind: 'group' | 'lane' | 'instance'
  readonly label: string
  readonly detail: string
  /** By time. */
  readonly bars: readonly Bar[]
  readonly levels: number
  /** px. */
  readonly top: number
  /** px. */
  readonly height: number
}

export interface Model {
  readonly data: PageData
  readonly entries: readonly Entry[]
  readonly rows: readonly Row[]
}

/** What all parts of the page share: which file is selected, and what the address says. */
export interface Hub {
  readonly selected: Entry | undefined
  select(entry: Entry | undefined, options?: { readonly scroll?: boolean }): void
  onSelect(listener: (entry: Entry | undefined, scroll: boolean) => void): void
  /** A part of the address behind `#`. */
  get(name: string): string
  set(name: string, value: string): void
}
