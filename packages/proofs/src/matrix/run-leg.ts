import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { VITEST } from '../lab.ts'
import type { Leg } from './legs.ts'
import type { Outcome, Results } from './page.ts'

const SUITE = 'tests-integration/compat/'

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}

/**
 * Runs the suite that compares Vitest with the plugin to Vitest without, all of it.
 */
export async function runLeg(root: string, { installed, inParts }: Leg): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), 'vitest-lanes-matrix-'))
  const json = join(folder, 'report.json')
  const env = {
    ...process.env,
    PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    LANES_MATRIX: 'full',
    ...(inParts && { LANES_MATRIX_PARTS: '1' }),
    ...(installed !== undefined && {
      LANES_MATRIX_LEG: installed,
      LANES_MATRIX_INSTALLATION: join(folder, 'installation.json'),
    }),
  }
  // One file first, which installs what the others find.
  const runs = installed === undefined ? [SUITE] : [`${SUITE}leg.test.ts`, SUITE]
  const args = ['run', '--project=integration', '--exclude=**/vitest5.test.ts']
  try {
    for (const filter of runs) {
      const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${json}`]
      const { code } = await vitest(root, [...args, filter, ...reports], env)
      if (code !== 0 && filter !== SUITE) break
    }
    return resultsOf(JSON.parse(await readFile(json, 'utf8')) as Report)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function vitest(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null }> {
  const child = spawn(process.execPath, [VITEST, ...args], {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve({ code }))
  })
}

/** Groups in the order of their files' names, so that the page has the same order each time. */
function resultsOf({ testResults }: Report): Results {
  const results = new Map<string, Map<string, Outcome>>()
  for (const { name, message, assertionResults } of testResults.toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (message !== '') group(results, name).set('is read', 'failed')
    for (const { ancestorTitles, title, status } of assertionResults)
      group(results, ancestorTitles[0] ?? '').set(title, outcomeOf(status))
  }
  return results
}

function group(results: Map<string, Map<string, Outcome>>, name: string): Map<string, Outcome> {
  const present = results.get(name) ?? new Map<string, Outcome>()
  results.set(name, present)
  return present
}

function outcomeOf(status: string): Outcome {
  return status === 'passed' || status === 'failed' ? status : 'skipped'
}
