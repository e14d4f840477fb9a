import { LanesError, fileKey } from '@vitest-lanes/core'
import type { BisectTarget } from '@vitest-lanes/core'
import type { TrialResult } from '../../trial/types.ts'

/** What a trial says of the test. */
export interface TrialOutcome {
  readonly failed: boolean
  /** What its error says; empty if it passed. */
  readonly message: string
}

/**
 * Whether the test failed in a trial. It also counts as failed where its file failed before it came to it, such as in a
 * `beforeAll`.
 * @throws LanesError LANES_TEST_UNKNOWN where the test is not there, or skipped
 */
export function outcomeOf({ record, tests, unhandled }: TrialResult, target: BisectTarget): TrialOutcome {
  const own = tests.filter((test) => fileKey(test) === target.file)
  // Tests may have the same name: one that fails is enough.
  const found = own.filter(({ name }) => name === target.name)
  const failure = found.find(({ state }) => state === 'failed')
  if (failure !== undefined) return { failed: true, message: failure.messages[0] ?? '' }
  if (found.some(({ state }) => state === 'passed')) return { failed: false, message: '' }
  const file = record.files.find((each) => fileKey(each) === target.file)
  if (file?.outcome === 'failed' || isPath(target))
    return {
      failed: file?.outcome === 'failed',
      message: file?.error ?? own.flatMap(({ messages }) => messages)[0] ?? unhandled[0] ?? '',
    }
  throw new LanesError(
    'LANES_TEST_UNKNOWN',
    `${target.file} > ${target.name} ${found.length > 0 ? 'was skipped' : 'is not there'}.`,
    { hint: 'It ran in the record: has the file changed since? Run the suite again for a new record.' },
  )
}

/** A file that could not be collected counts as a test of its path. */
function isPath({ file, name }: BisectTarget): boolean {
  return file === name || file.endsWith(`] ${name}`)
}
