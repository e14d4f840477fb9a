import type { Reporter, TestCase, TestModule } from 'vitest/node'

type Reason = Parameters<NonNullable<Reporter['onTestRunEnd']>>[2]

/** What is told while files run, and when all of them have. */
export interface ReporterListener {
  /** All reporters are there; none of them has said anything. */
  ready(): void
  collected(module: TestModule): void
  testEnded(test: TestCase): void
  runEnded(modules: readonly TestModule[], reason: Reason): Promise<void>
}

/** Comes after the user's reporters: what it does at the end takes until every process is gone. */
export function createReporter(listener: ReporterListener): Reporter {
  return {
    onInit: () => listener.ready(),
    onTestModuleCollected: (module) => listener.collected(module),
    onTestCaseResult: (test) => listener.testEnded(test),
    onTestRunEnd: (modules, _errors, reason) => listener.runEnded(modules, reason),
  } satisfies Reporter
}
export type { Reason as RunEndReason }
