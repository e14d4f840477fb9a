import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileKey } from '@vitest-lanes/core'
import type { BisectTarget, Cause, RunRecord } from '@vitest-lanes/core'
import type { ProjectOptions } from '../vitest-of.ts'
import type { State } from './state.ts'
import type { RanTrial, TrialRunner } from './trial-runner.ts'

/** A cause that was made sure of fails sooner than after so many trials. */
const MOST_TRIALS = 30

/**
 * The command that repeats a failing run of nothing but the files of the cause and the test's own. Its record is that of
 * a trial; one that is not there, as after a search that was ended, is made. Undefined where none failed.
 */
export async function repeatCommand(
  cause: Cause,
  target: BisectTarget,
  runner: TrialRunner,
  state: State,
  options: ProjectOptions,
): Promise<string | undefined> {
  const { relation, files } = cause
  const wanted = [...files, target.file].sort().join('\n')
  for (let trial = 0; !isOf(await readFile(state.failure, 'utf8').catch(() => '{}'), wanted); trial++) {
    if (trial === MOST_TRIALS || runner.interrupted.aborted) return undefined
    await runner.run([{ relation, files }], async (_group, ran: RanTrial) => {
      if (ran.failed) await state.writeFailure(ran.result.record)
    })
  }
  return [
    'npx vitest-lanes replay',
    shellWord(relative(process.cwd(), state.failure)),
    ...flags(options),
  ].join(' ')
}

function isOf(json: string, wanted: string): boolean {
  const { files = [] } = JSON.parse(json) as Partial<RunRecord>
  return files.map(fileKey).sort().join('\n') === wanted
}

function flags({ root, config, project = [] }: ProjectOptions): string[] {
  return [
    ...(root === process.cwd() ? [] : ['--root', shellWord(root)]),
    ...(config === undefined ? [] : ['--config', shellWord(config)]),
    ...project.flatMap((name) => ['--project', shellWord(name)]),
  ]
}

function shellWord(text: string): string {
  return /^[\w./@:=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
