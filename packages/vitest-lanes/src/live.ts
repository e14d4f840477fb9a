import { duration } from '@vitest-lanes/report'
import type { Contention } from './run/scheduler.ts'

const LOOK_EVERY_MS = 5_000
const FIRST_AFTER_MS = 30_000

export interface LiveOptions {
  /** What files wait for now. */
  readonly contention: () => readonly Contention[]
  readonly say: (line: string) => void
  /** ms, of any clock. */
  readonly now?: () => number
}

/**
 * Says who has kept others waiting for more than 30 s, and again each time that it has doubled. Lines of their own:
 * the reporters of Vitest 4 and 5 draw over whatever else would stay in its place.
 * @returns ends it
 */
export function watchContention(options: LiveOptions): () => void {
  const look = createLook(options)
  const timer = setInterval(look, LOOK_EVERY_MS)
  // It must not keep a process alive that has nothing else to do.
  timer.unref()
  return () => clearInterval(timer)
}

/** One look at a time. A resource counts as held from the look that saw it held with others waiting. */
export function createLook({ contention, say, now = () => performance.now() }: LiveOptions): () => void {
  let seen = new Map<string, { holder: string; since: number; next: number }>()
  return () => {
    const time = now()
    const still: typeof seen = new Map()
    for (const { resource, waiting, holders } of contention()) {
      let longest: { holder: string; since: number; next: number } | undefined
      for (const holder of holders) {
        const key = JSON.stringify([resource, holder])
        const hold = seen.get(key) ?? { holder, since: time, next: FIRST_AFTER_MS }
        still.set(key, hold)
        if (longest === undefined || hold.since < longest.since) longest = hold
      }
      if (longest === undefined || time - longest.since < longest.next) continue
      const held = time - longest.since
      while (longest.next <= held) longest.next *= 2
      const files = waiting === 1 ? '1 file waits' : `${waiting} files wait`
      say(`${files} for ${resource}, held by ${longest.holder} for ${duration(held)}`)
    }
    seen = still
  }
}
