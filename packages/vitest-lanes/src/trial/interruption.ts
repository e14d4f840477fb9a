import { constants } from 'node:os'
import { takeSignals } from '../vitest/signals.ts'

export interface Interruption {
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  giveBack(): void
}

/** Takes Ctrl-C and SIGTERM from Vitest, which would exit at once. The second one exits at once all the same. */
export function takeInterruption(): Interruption {
  const controller = new AbortController()
  const giveBack = takeSignals((signal) => {
    if (controller.signal.aborted) process.exit(128 + constants.signals[signal])
    controller.abort(signal)
  })
  return { signal: controller.signal, giveBack }
}
