import { relative } from 'node:path'
import { LanesError, fileKey } from '@vitest-lanes/core'
import type { BisectTarget } from '@vitest-lanes/core'
import { count } from '@vitest-lanes/report'
import type { LoadedRecord } from '../records.ts'
import type { ProjectOptions } from '../vitest-of.ts'
import { collectTests } from './collect.ts'
import { failedIn, findFile, matching, onlyTest } from './target.ts'
import type { KnownTest, WrittenTest } from './target.ts'

/** The test that was meant, the newest run in which it failed, and the other runs. */
export interface ResolvedTest {
  readonly target: BisectTarget
  readonly failure: LoadedRecord
  readonly others: readonly LoadedRecord[]
}

/**
 * Finds the test that was meant among those that failed in the recorded runs. Only where none of them was meant, or a
 * line was written, Vitest is asked for the file's tests.
 *
 * @throws LanesError LANES_TEST_UNKNOWN, or LANES_NOT_FAILED where there is such a test, and no failure of it
 */
export async function resolveTest(
  written: WrittenTest,
  runs: readonly LoadedRecord[],
  options: ProjectOptions,
): Promise<ResolvedTest> {
  const keys = [...new Set(runs.flatMap(({ record }) => record.files.map(fileKey)))]
  const fromHere = relative(options.root, written.file).replaceAll('\\', '/')
  const file = findFile(written.file, keys, fromHere)
  const failed = runs.flatMap(({ record }) => failedIn(record, file))
  const target = await choose(file, written, failed, options)
  const failure = runs.find(({ record }) => failedIn(record, file).some(({ name }) => name === target.name))
  if (failure === undefined) throw notFailed(`${file} > ${target.name}`, runs)
  return { target, failure, others: runs.filter((run) => run !== failure) }
}

async function choose(
  file: string,
  written: WrittenTest,
  failed: readonly KnownTest[],
  options: ProjectOptions,
): Promise<BisectTarget> {
  if (written.line === undefined) {
    if (matching(written, failed).length > 0) return onlyTest(file, written, failed)
    if (written.name === undefined) throw notFailed(`A test of ${file}`, [])
  }
  return onlyTest(file, written, await collectTests(options, file))
}

function notFailed(what: string, runs: readonly LoadedRecord[]): LanesError {
  const where = runs.length === 0 ? 'in any recorded run' : `in ${count(runs.length, 'recorded run')}`
  return new LanesError('LANES_NOT_FAILED', `${what} has not failed ${where}.`, {
    hint: '`npx vitest-lanes stress --until-fail` runs the suite until something fails, and records it; `--record <file>` names another record.',
  })
}
