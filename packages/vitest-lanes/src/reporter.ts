import type { Reporter, TestModule } from 'vitest/node'

type Reason = Parameters<NonNullable<Reporter['onTestRunEnd']>>[2]

/** Tells when a run has ended. Comes after the user's reporters: what it does takes until every process is gone. */
export function createReporter(
  onEnd: (modules: readonly TestModule[], reason: Reason) => Promise<void>,
): Reporter {
  return {
    onTestRunEnd: (modules, _errors, reason) => onEnd(modules, reason),
  } satisfies Reporter
}
export type { Reason as RunEndReason }
