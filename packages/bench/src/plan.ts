import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { RunRecord } from '@vitest-lanes/core'
import type { BenchResult } from './result.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const RUNS = join(ROOT, '.vitest-lanes', 'runs')
const CONFIG = fileURLToPath(new URL('../../demo/dist/configs/lanes.js', import.meta.url))
const { resolve } = createRequire(import.meta.url)
const VITEST = join(dirname(resolve('vitest/package.json')), 'vitest.mjs')
const COMMAND = join(dirname(resolve('vitest-lanes/package.json')), 'dist/cli/main.js')
const LIMIT = 0.1

const run = promisify(execFile)

/** The demo's suite: what `plan` predicts after one run, against the next. */
export async function planOfDemo(): Promise<BenchResult> {
  await wallOfRun()
  const { stdout } = await run(process.execPath, [
    COMMAND,
    'plan',
    '--json',
    '--root',
    ROOT,
    '--config',
    CONFIG,
  ])
  const { predicted } = JSON.parse(stdout) as { predicted: number }
  const value = Math.abs(predicted / (await wallOfRun()) - 1)
  return { id: 'report.plan-of-the-demo-off-by', value, unit: 'ratio', limit: LIMIT, pass: value <= LIMIT }
}

async function wallOfRun(): Promise<number> {
  const args = [VITEST, 'run', '--root', ROOT, '--config', CONFIG, '--reporter', 'dot']
  const running = run(process.execPath, args, { cwd: ROOT, maxBuffer: 2 ** 26 })
  const { pid } = running.child
  // A failing test makes no difference to what is measured.
  await running.catch(() => {})
  // By process: whoever works here may have run other tests since.
  const records = await readdir(RUNS)
  const own = records.find((name) => name.endsWith(`-${pid}.json`))
  if (own === undefined) throw new Error('The run of the demo has left no record.')
  return (JSON.parse(await readFile(join(RUNS, own), 'utf8')) as RunRecord).duration
}
