import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { findFailurePatterns } from '@vitest-lanes/orchestrator/failure-patterns'
import { duration } from '@vitest-lanes/report'
import type { DemoOptions } from './options.ts'
import { createProgress } from './progress.ts'
import { isGreen } from './result.ts'
import type { RunResult } from './result.ts'
import { runSuite } from './run-suite.ts'
import type { Way } from './run-suite.ts'
import { openSharedServers } from './servers.ts'
import { ROOT } from './suite.ts'
import { explain, table, titleOf } from './table.ts'

// As many workers for stock Vitest as there are lanes: its own default is one worker on two cores.
const WORKERS = String(Math.max(availableParallelism(), 4))

/** Runs the suite the three ways and prints how they compare. Returns the exit status. */
export async function runDemo(options: DemoOptions): Promise<number> {
  if (options.engine !== undefined) process.env['VITEST_LANES_ENGINE'] = options.engine
  const folder = await mkdtemp(join(tmpdir(), 'vitest-lanes-demo-'))
  const progress = createProgress(process.stdout)
  const said = new Set<string>()
  const runs: RunResult[] = []
  try {
    process.stdout.write('\nOne suite, three ways to run it\n\n')
    const run = async (way: Way, round: number): Promise<void> => {
      progress.begin(
        options.repeat > 1 && round > 0
          ? `${titleOf(way.name)}, ${round} of ${options.repeat}`
          : titleOf(way.name),
      )
      const result = await runSuite(way, folder, (ended) => progress.files(ended))
      progress.end(outcomeOf(result))
      runs.push(result)
    }
    const shared = async (
      name: 'shared-parallel' | 'shared-sequential',
      args: string[],
      round: number,
    ): Promise<void> => {
      const servers = await openSharedServers((line) => said.add(line))
      try {
        await run({ name, config: 'shared', args, env: servers.env }, round)
      } finally {
        await servers.close()
      }
    }
    await shared('shared-parallel', ['--maxWorkers', WORKERS], 0)
    for (let round = 1; round <= options.repeat; round++)
      await shared('shared-sequential', ['--no-file-parallelism'], round)
    for (let round = 1; round <= options.repeat; round++)
      await run({ name: 'lanes', config: 'lanes', args: [], env: {} }, round)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  if (options.json !== undefined) await writeJson(options.json, runs)
  process.stdout.write(`\n${table(runs)}\n\n${conclusion(runs, [...said])}`)
  return succeeded(runs) ? 0 : 1
}

function conclusion(runs: readonly RunResult[], servers: readonly string[]): string {
  const parallel = runs.find(({ name }) => name === 'shared-parallel')!
  const patterns = findFailurePatterns(parallel.messages)
  const parts = [
    patterns.length > 0
      ? `Why files that share a Redis and a database fail together (docs/why-parallel-files-fail.md):\n${explain(patterns)}`
      : '',
    servers.map((line) => `  ${line}`).join('\n'),
    complaint(runs),
    `Run record of the last run in lanes: ${relative(process.cwd(), join(ROOT, '.vitest-lanes/run.json'))}`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function complaint(runs: readonly RunResult[]): string {
  const odd = runs.filter((run) => isGreen(run) === (run.name === 'shared-parallel'))
  return odd
    .map((run) =>
      run.name === 'shared-parallel'
        ? 'Not as expected: the shared suite passed in parallel this time.'
        : `Not as expected: ${titleOf(run.name)} failed.\n${run.messages.slice(0, 3).join('\n')}`,
    )
    .join('\n')
}

function succeeded(runs: readonly RunResult[]): boolean {
  return runs.every((run) => isGreen(run) !== (run.name === 'shared-parallel'))
}

function outcomeOf(run: RunResult): string {
  const failed =
    run.failed + run.failedFiles > 0 ? `${run.failed} test${run.failed === 1 ? '' : 's'} failed` : 'passed'
  return `${failed} in ${duration(run.wallMs)}`
}

async function writeJson(path: string, runs: readonly RunResult[]): Promise<void> {
  const figures = runs.map(({ name, passed, failed, skipped, files, wallMs }) => ({
    name,
    passed,
    failed,
    skipped,
    files,
    wallMs,
  }))
  await writeFile(path, `${JSON.stringify({ runs: figures }, undefined, 2)}\n`)
}
