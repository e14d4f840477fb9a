// Copied into each inline project as `events.ts`: what its files and providers tell the test that runs it.
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

export interface Event {
  readonly what: string
  readonly pid: number
  readonly file?: string
  readonly resource?: string
  readonly number?: number
  /** Processes that had held the instance and still live. */
  readonly alive?: readonly number[]
  readonly [field: string]: unknown
}

const LOG = process.env['VITEST_LANES_TEST_EVENTS']!

/** One line, written at once: lines of several processes do not mix. */
export function tell(what: string, fields: Record<string, unknown> = {}): void {
  appendFileSync(LOG, `${JSON.stringify({ what, pid: process.pid, ...fields })}\n`)
}

export function events(log: string = LOG): Event[] {
  try {
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Event)
  } catch {
    return []
  }
}

/** Resolves when what was told fulfils the condition. The test's own timeout ends it otherwise. */
export async function until(condition: (told: readonly Event[]) => boolean): Promise<void> {
  while (!condition(events())) await setTimeout(10)
}

/** Resolves when so many files are here at the same time. */
export async function meet(place: string, count: number): Promise<void> {
  tell('meet', { place })
  await until(
    (told) => told.filter((event) => event.what === 'meet' && event['place'] === place).length >= count,
  )
}

/** Tells which instance of the resource this file was given. */
export function hold(resource: string, fields: Record<string, unknown> = {}): void {
  tell('hold', { resource, number: Number(process.env[`VITEST_LANES_${resource.toUpperCase()}`]), ...fields })
}

/** Resolves never. */
export function forever(): Promise<never> {
  return new Promise(() => {})
}
