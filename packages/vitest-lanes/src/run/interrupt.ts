import { constants } from 'node:os'
import type { Vitest } from 'vitest/node'
import type { Output } from '../output.ts'
import { takeSignals } from '../vitest/signals.ts'

/**
 * Ctrl-C and SIGTERM. Vitest exits at once and leaves what runs behind; we end the workers, take the servers away,
 * write the record, and exit with the status that Vitest would have had. The second signal exits at once.
 *
 * @param interrupt ends the run that is under way
 * Returns what gives the signals back.
 */
export function handleSignals(vitest: Vitest, output: Output, interrupt: () => void): () => void {
  let signalled = false
  let status: number | undefined
  return takeSignals((signal) => {
    // In watch mode, that of a run before it.
    status ??= Number(process.exitCode ?? 128 + constants.signals[signal])
    if (signalled) process.exit(status)
    signalled = true
    output.warn(`${signal}: ending the run. Once more exits without taking servers away.`)
    void end(vitest, interrupt, status)
  })
}

async function end(vitest: Vitest, interrupt: () => void, status: number): Promise<void> {
  const cancelled = vitest.cancelCurrentRun('keyboard-input')
  interrupt()
  await cancelled.catch(() => {})
  // Vitest has set it to 1, for a run that did not end by itself.
  process.exitCode = status
  await vitest.exit(true)
}
