import { LanesError } from '@vitest-lanes/core'
import { LATE, within } from './within.ts'
import type { Watch } from './watch.ts'

/** What a look has found: undefined where it has to wait on. */
export type Look<T> = () => Promise<{ readonly found: T } | undefined>

/** An event may have left the stream before it was read: milliseconds after which it is looked again anyway. */
const LOOK_AGAIN = 100

/** Milliseconds that the explanation may take, when the server does not answer any more. */
const EXPLAIN = 1_000

/**
 * Looks at once, after each event of the queue, and now and then, until something is found.
 * @throws LANES_WAIT_TIMEOUT after `timeout` milliseconds, with what `explain` says; whatever `look` throws
 */
export async function until<T>(
  watch: Watch,
  look: Look<T>,
  timeout: number,
  explain: (waited: number) => Promise<{ message: string; hint: string }>,
): Promise<T> {
  const begun = performance.now()
  for (;;) {
    const changed = nextChange(watch, LOOK_AGAIN)
    try {
      const left = timeout - (performance.now() - begun)
      const seen = left > 0 ? await within(left, look()) : LATE
      if (seen === LATE) throw await tooLate(explain, performance.now() - begun)
      if (seen !== undefined) return seen.found
      await within(Math.max(1, timeout - (performance.now() - begun)), changed.promise)
    } finally {
      changed.stop()
    }
  }
}

/** Resolves after an event, or after so many milliseconds. Begins to listen before it returns. */
function nextChange(watch: Watch, ms: number): { promise: Promise<void>; stop: () => void } {
  const ends: (() => void)[] = []
  const promise = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    ends.push(() => clearTimeout(timer), watch.onEvent(resolve))
  })
  return {
    promise,
    stop() {
      for (const end of ends) end()
    },
  }
}

async function tooLate(
  explain: (waited: number) => Promise<{ message: string; hint: string }>,
  waited: number,
): Promise<LanesError> {
  const explained = await within(EXPLAIN, explain(waited)).catch((cause: unknown) => ({
    message: `It did not come, and the queue cannot be asked why: ${String(cause)}`,
    hint: 'Check the server.',
  }))
  const { message, hint } =
    explained === LATE
      ? { message: 'It did not come, and the server does not answer any more.', hint: 'Check the server.' }
      : explained
  return new LanesError('LANES_WAIT_TIMEOUT', message, { hint })
}
