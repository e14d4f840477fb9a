import { cutPath, duration, fit } from '@vitest-lanes/report'
import type { Contention } from './run/scheduler.ts'

const LOOK_EVERY_MS = 5_000
const FIRST_AFTER_MS = 30_000
/** A line that is drawn ten times a second need not look as often at thousands of waiting files. */
const FRESH_MS = 500
/** Who keeps others waiting for less is not worth telling. */
const WORTH_MS = 1_000
const NARROWEST_PATH = 16

/** How a run stands. */
export interface Status {
  readonly lanes: number
  /** Lanes with a file in them. */
  readonly busy: number
  /** Files without a lane. */
  readonly waiting: number
  readonly contention: readonly Contention[]
}

/** A file that has kept others waiting. */
interface Hold {
  readonly resource: string
  readonly holder: string
  /** When it was first seen. */
  readonly since: number
  /** After how long it is told next, in ms. */
  next: number
}

/** What files wait for, and who has held that longest. */
interface Held extends Contention {
  readonly longest: Hold
  /** ms. */
  readonly held: number
}

export interface LiveOptions {
  readonly status: () => Status
  /** Shows a line that is drawn anew again and again; undefined where nothing does that. */
  readonly showLine: (line: () => string) => (() => void) | undefined
  /** Width of that line. */
  readonly columns: () => number
  readonly say: (line: string) => void
}

/**
 * Shows how the run stands in one line above Vitest's summary. Where there is no such summary (in CI, say), it only
 * names who has kept others waiting for more than 30 s, and again each time that it has doubled.
 * @returns ends it
 */
export function showLive({ status, showLine, columns, say }: LiveOptions): () => void {
  const hide = showLine(createStatusLine(status, columns))
  if (hide !== undefined) return hide
  const timer = setInterval(createLook({ contention: () => status().contention, say }), LOOK_EVERY_MS)
  // It must not keep a process alive that has nothing else to do.
  timer.unref()
  return () => clearInterval(timer)
}

/** Draws the status line. */
export function createStatusLine(
  status: () => Status,
  columns: () => number,
  now: () => number = () => performance.now(),
): () => string {
  const look = createHolds(now)
  let seen: { readonly at: number; readonly status: Status; readonly held: readonly Held[] } | undefined
  return () => {
    if (seen === undefined || now() - seen.at >= FRESH_MS) {
      const current = status()
      seen = { at: now(), status: current, held: look(current.contention) }
    }
    return statusLine(seen.status, seen.held, columns())
  }
}

function statusLine({ lanes, busy, waiting }: Status, all: readonly Held[], columns: number): string {
  const lanesPart = `${busy} of ${lanes} ${lanes === 1 ? 'lane' : 'lanes'} busy`
  const start = waiting === 0 ? lanesPart : `${lanesPart} · ${waiting} waiting`
  const [first] = all.filter(({ held }) => held >= WORTH_MS).toSorted((a, b) => b.held - a.held)
  if (first === undefined) return fit(columns, start, lanesPart)
  const before = `${waitText(first)}, held by `
  const after = ` for ${Math.floor(first.held / 1000)} s`
  const room = columns - before.length - after.length
  const cause = `${before}${cutPath(first.longest.holder, Math.max(NARROWEST_PATH, room))}${after}`
  return fit(columns, `${start} · ${before}${first.longest.holder}${after}`, cause, waitText(first))
}

/** One look at a time, for lines of their own. */
export function createLook(options: {
  readonly contention: () => readonly Contention[]
  readonly say: (line: string) => void
  /** ms, of any clock. */
  readonly now?: () => number
}): () => void {
  const { contention, say, now } = options
  const look = createHolds(now)
  return () => {
    for (const held of look(contention())) {
      const { longest } = held
      if (held.held < longest.next) continue
      while (longest.next <= held.held) longest.next *= 2
      say(`${waitText(held)}, held by ${longest.holder} for ${duration(held.held)}`)
    }
  }
}

/** A resource counts as held from the look that saw it held with others waiting. */
function createHolds(
  now: () => number = () => performance.now(),
): (contention: readonly Contention[]) => Held[] {
  let seen = new Map<string, Hold>()
  return (contention) => {
    const time = now()
    const still: typeof seen = new Map()
    const all = contention.flatMap((each): Held[] => {
      const holds = each.holders.map((holder): Hold => {
        const key = JSON.stringify([each.resource, holder])
        const hold = seen.get(key) ?? {
          resource: each.resource,
          holder,
          since: time,
          next: FIRST_AFTER_MS,
        }
        still.set(key, hold)
        return hold
      })
      const [first] = holds
      if (first === undefined) return []
      const longest = holds.reduce((most, hold) => (hold.since < most.since ? hold : most), first)
      return [{ ...each, longest, held: time - longest.since }]
    })
    seen = still
    return all
  }
}

function waitText({ resource, waiting }: Contention): string {
  return `${waiting === 1 ? '1 file waits' : `${waiting} files wait`} for ${resource}`
}
