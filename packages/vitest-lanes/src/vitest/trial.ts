// What we rely on to run the same files again and again within one Vitest. Public API, but for the moment at which the
// seed is read: by the sequencer and by each serialization of the configuration (4.1.12, 5.1.1).
import type { TestModule, TestSpecification, Vitest } from 'vitest/node'

export interface Sequence {
  readonly seed: number
  /** As the configuration says where left out. */
  readonly shuffle: boolean | undefined
}

/** Sets the seed, and whether tests are shuffled, for the runs to come. */
export function setSequence(vitest: Vitest, { seed, shuffle }: Sequence): void {
  for (const { config } of [vitest, ...vitest.projects]) {
    config.sequence.seed = seed
    if (shuffle !== undefined) config.sequence.shuffle = shuffle
  }
}

/** The file with all tests skipped but those of these full names (`a suite > a test`). */
export function onlyTests(spec: TestSpecification, names: readonly string[]): TestSpecification {
  // Vitest matches suites and test with a space between them, and one in front (4.1.12).
  const full = names.map((name) =>
    name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll(' > ', '(?: | > )'),
  )
  const testNamePattern = new RegExp(`^\\s*(?:${full.join('|')})$`)
  return spec.project.createSpecification(spec.moduleId, { testNamePattern }, spec.pool)
}

interface ReportedTest {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending'
  readonly messages: readonly string[]
  readonly retries: number
  /** By `Date.now()`. */
  readonly startTime: number | undefined
  /** ms */
  readonly duration: number
}

export function testsOf(module: TestModule): ReportedTest[] {
  return Array.from(module.children.allTests(), (test): ReportedTest => {
    const { state, errors } = test.result()
    const { startTime, duration = 0, retryCount = 0 } = test.diagnostic() ?? {}
    const messages = (errors ?? []).map(({ message }) => message)
    return { name: test.fullName, state, messages, retries: retryCount, startTime, duration }
  })
}

/** Errors of the file itself, without a name, and of its suites: an import, a hook, a leak. */
export function errorsOf(
  module: TestModule,
): { readonly name: string | undefined; readonly messages: readonly string[] }[] {
  const suites = Array.from(module.children.allSuites(), (suite) => ({
    name: suite.fullName,
    messages: suite.errors().map(({ message }) => message),
  }))
  const own = { name: undefined, messages: module.errors().map(({ message }) => message) }
  return [own, ...suites].filter(({ messages }) => messages.length > 0)
}
