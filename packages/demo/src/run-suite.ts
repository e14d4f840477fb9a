import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RunResult, WayName } from './result.ts'
import { ROOT } from './suite.ts'

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const REPORTER = fileURLToPath(new URL('./progress-reporter.js', import.meta.url))

/** How the suite is run. */
export interface Way {
  readonly name: WayName
  readonly config: 'shared' | 'lanes'
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

interface Assertion {
  readonly failureMessages?: readonly string[]
}

interface JsonReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly Assertion[]
  }[]
}

/**
 * Runs the suite once with the real Vitest.
 * @param folder where the report may be written
 * @param onFile is told how many files have ended
 */
export async function runSuite(
  way: Way,
  folder: string,
  onFile: (ended: number) => void,
): Promise<RunResult> {
  const report = join(folder, 'report.json')
  const config = fileURLToPath(new URL(`./configs/${way.config}.js`, import.meta.url))
  await rm(report, { force: true })
  const begun = performance.now()
  const output = await runVitest(
    [
      'run',
      '--root',
      ROOT,
      '--config',
      config,
      ...way.args,
      '--reporter',
      'json',
      '--outputFile',
      report,
      '--reporter',
      REPORTER,
    ],
    { ...process.env, ...way.env },
    onFile,
  )
  const wallMs = Math.round(performance.now() - begun)
  const json = await readFile(report, 'utf8').catch(() => {
    throw new Error(`Vitest ended without a report (${way.name}):\n${output}`)
  })
  return resultOf(way.name, wallMs, JSON.parse(json) as JsonReport)
}

async function runVitest(
  args: string[],
  env: NodeJS.ProcessEnv,
  onFile: (ended: number) => void,
): Promise<string> {
  const child = spawn(process.execPath, [VITEST, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let ended = 0
  let tail = ''
  const keep = (text: string): void => {
    tail = `${tail}${text}\n`.slice(-4000)
  }
  createInterface(child.stdout).on('line', (line) => (line === 'file-ended' ? onFile(++ended) : keep(line)))
  createInterface(child.stderr).on('line', keep)
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  return tail
}

function resultOf(name: WayName, wallMs: number, report: JsonReport): RunResult {
  const messages = report.testResults.flatMap(({ message, assertionResults }) => [
    ...(message === '' ? [] : [message]),
    ...assertionResults.flatMap(({ failureMessages }) => failureMessages ?? []),
  ])
  return {
    name,
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    files: report.testResults.length,
    failedFiles: report.testResults.filter(({ status }) => status === 'failed').length,
    wallMs,
    messages,
  }
}
