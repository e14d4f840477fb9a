import { join } from 'node:path'
import type { FileRecord, RunRecord } from '@vitest-lanes/core'
import type { BisectReport } from '../../../packages/vitest-lanes/dist/cli/bisect/report.js'
import type { Project } from '../../support/project.ts'
import { ran, recordOf } from '../../../tests-unit/report/support/record.ts'
import { lanesCommand, put } from './command.ts'
import type { CommandEnd } from './command.ts'

/** A run in which the test of the last file failed: all files one after the other in one lane, 100 ms each. */
export function oneAfterTheOther(files: readonly string[], failed: string): RunRecord {
  const all = files.map((file, index) => at(file, 1, 100 * index, 100 * index + 100))
  return failedRun([...all.slice(0, -1), failing(all.at(-1)!, failed)], 1)
}

/** A run in which all files ran at the same time, the last of which failed. */
export function allAtOnce(files: readonly string[], failed: string): RunRecord {
  // They had all been admitted before the first was started.
  const all = files.map((file, index) => ran(file, index + 1, [0, index, index, 200 + index, 500, 500, 500]))
  return failedRun([...all.slice(0, -1), failing(all.at(-1)!, failed)], files.length)
}

function at(file: string, lane: number, from: number, to: number): FileRecord {
  return ran(file, lane, [0, from, from, from, to, to, to])
}

function failing(file: FileRecord, name: string): FileRecord {
  const { started = 0, finished = 0 } = file.times
  return { ...file, outcome: 'failed', failedTests: [{ name, from: started, to: finished }] }
}

function failedRun(files: readonly FileRecord[], lanes: number): RunRecord {
  return recordOf({ outcome: 'failed', files, lanes, seed: 1 })
}

export async function putRecord(project: Project, record: RunRecord): Promise<void> {
  await put(project, join('.vitest-lanes', 'run.json'), JSON.stringify(record))
}

export interface Bisected extends CommandEnd {
  readonly report: BisectReport
}

/** `vitest-lanes bisect … --json`. */
export async function bisected(
  project: Project,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Bisected> {
  const end = await lanesCommand(project.root, ['bisect', ...args, '--json'], env)
  if (end.stdout === '') throw new Error(`bisect told nothing.\n${end.stderr}`)
  return { ...end, report: JSON.parse(end.stdout) as BisectReport }
}
