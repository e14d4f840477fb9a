import { stripVTControlCharacters } from 'node:util'
import { fileKey } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import type { Reporter, TestModule } from 'vitest/node'
import { fromRoot } from '../files/path.ts'
import { errorsOf, testsOf } from '../vitest/trial.ts'
import type { TrialProgress, TrialResult, TrialTest } from './types.ts'

/** What Vitest reports of the trial that is under way. */
export interface Outcome {
  readonly reporter: Reporter
  begin(files: number): void
  progress(): TrialProgress
  result(record: RunRecord, root: string): Pick<TrialResult, 'tests' | 'unhandled'>
  /** Why the trial did not begin. */
  failure(): Error
}

export function createOutcome(): Outcome {
  let files = 0
  let ended = 0
  let modules: readonly TestModule[] = []
  let unhandled: readonly string[] = []
  return {
    reporter: {
      onTestModuleEnd() {
        ended++
      },
      onTestRunEnd(all, errors) {
        modules = all
        unhandled = errors.map(({ message, name }) =>
          stripVTControlCharacters(`${name ?? 'Error'}: ${message}`),
        )
      },
    },
    begin(count) {
      files = count
      ended = 0
      modules = []
      unhandled = []
    },
    progress: () => ({ files, ended: Math.min(ended, files) }),
    result(record, root) {
      const begun = Date.parse(record.startedAt)
      const tests = modules.flatMap((module) => testsOfModule(module, begun, root))
      return { tests: [...tests, ...filesWithoutTests(record, tests)], unhandled }
    },
    failure: () => new Error(unhandled[0] ?? 'Vitest did not begin the run.'),
  }
}

function testsOfModule(module: TestModule, begun: number, root: string): TrialTest[] {
  const file = fromRoot(root, module.moduleId)
  const project = module.project.name
  const tests = testsOf(module).map(({ startTime, duration, messages, ...test }): TrialTest => {
    const from = startTime === undefined ? 0 : Math.max(0, startTime - begun)
    return {
      file,
      project,
      ...test,
      messages: messages.map(stripVTControlCharacters),
      from,
      to: startTime === undefined ? 0 : from + duration,
    }
  })
  const failed = errorsOf(module).map(({ name, messages }) => failure(file, project, name ?? file, messages))
  return [...tests, ...failed]
}

/** A worker that died, or a server that was not there, fails a file of which Vitest knows no test. */
function filesWithoutTests(record: RunRecord, tests: readonly TrialTest[]): TrialTest[] {
  const told = new Set(tests.filter(({ state }) => state === 'failed').map(fileKey))
  return record.files
    .filter((file) => file.outcome === 'failed' && !told.has(fileKey(file)))
    .map(({ file, project, error }) => failure(file, project, file, error === undefined ? [] : [error]))
}

function failure(file: string, project: string, name: string, messages: readonly string[]): TrialTest {
  return {
    file,
    project,
    name,
    state: 'failed',
    messages: messages.map(stripVTControlCharacters),
    retries: 0,
    from: 0,
    to: 0,
  }
}
