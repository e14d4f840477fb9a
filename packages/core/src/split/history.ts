/** How a test ended when its file last ran and passed. */
export type TestKind = 'passed' | 'skipped' | 'todo'

/** A test as it was when its file last ran: its id, its name with those of its suites, ms, and how it ended. */
export type KnownTest = readonly [id: string, name: string, ms: number, kind: TestKind]

/** What is kept of a file so that it can run in parts. Only for files that may. */
export interface SplitHistory {
  /** Hash of the text that the rest is true of. */
  readonly content: string
  /** Hash of its snapshot file; empty where there is none. */
  readonly snapshots: string
  /** How many snapshots it compared. */
  readonly matched: number
  /** What it takes beside its tests, in ms: process, imports, hooks of suites. Each part takes it again. */
  readonly overhead: number
  /** CPU that it used, in ms, where that is known. */
  readonly cpu?: number
  /** In the order of the file. */
  readonly tests: readonly KnownTest[]
  /** Its parts were run apart, and ended as the file does. */
  readonly safe?: boolean
  /** Its parts did not end as the file does: it is not split again. */
  readonly unsafe?: Unsafe
}

/** Why a file is not split again. */
export interface Unsafe {
  /** A clause: `a test failed`. */
  readonly why: string
  /** The test that did not end as in the whole. */
  readonly test?: string
  /** The last test before its part, which it may depend on. */
  readonly after?: string
}

/** More tests of one file are not kept. */
export const MOST_TESTS = 5_000

/** Reads what was kept of a file; undefined where it cannot be used: the file then runs whole. */
export function parseSplit(value: unknown): SplitHistory | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { content, snapshots, matched, overhead, cpu, tests, safe, unsafe } = value as Record<string, unknown>
  if (typeof content !== 'string' || typeof snapshots !== 'string') return undefined
  if (!isAmount(matched) || !isAmount(overhead) || (cpu !== undefined && !isAmount(cpu))) return undefined
  if (!Array.isArray(tests) || tests.length > MOST_TESTS || !tests.every(isTest)) return undefined
  return {
    content,
    snapshots,
    matched,
    overhead,
    ...(cpu === undefined ? {} : { cpu }),
    tests,
    ...(safe === true ? { safe } : {}),
    ...(isUnsafe(unsafe) ? { unsafe } : {}),
  }
}

function isTest(value: unknown): value is KnownTest {
  if (!Array.isArray(value)) return false
  const [id, name, ms, kind] = value as unknown[]
  return typeof id === 'string' && typeof name === 'string' && isAmount(ms) && isKind(kind)
}

function isKind(value: unknown): value is TestKind {
  return value === 'passed' || value === 'skipped' || value === 'todo'
}

function isUnsafe(value: unknown): value is Unsafe {
  const { why, test = '', after = '' } = Object(value) as { why?: unknown; test?: unknown; after?: unknown }
  return typeof why === 'string' && typeof test === 'string' && typeof after === 'string'
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
