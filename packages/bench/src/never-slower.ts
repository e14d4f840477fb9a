import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { judge } from './judge.ts'
import { median } from './median.ts'
import type { BenchResult } from './result.ts'
import { packageFolder, runVitest, timed, writeSuite } from './vitest-project.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const DEMO_CONFIG = fileURLToPath(new URL('../../demo/dist/configs/lanes.js', import.meta.url))
const PAIRS = 3
/** Until nothing is learned any more of files that take longest. */
const WARM_UP = 3
const MOST_SLOWER = 1.02

/** An application that starts in `beforeAll`, a clean-up before each test, requests that wait: one file has most of them. */
const SERVICE = (tests: number): string => `
import { beforeAll, beforeEach, test } from 'vitest'
const wait = (ms) => new Promise((done) => setTimeout(done, ms))
beforeAll(() => wait(400))
beforeEach(() => wait(10))
for (let index = 0; index < ${tests}; index++) test('answers ' + index, () => wait(40))
`

/** Tests that compute: more processes have no more cores. */
const COMPUTING = (tests: number): string => `
import { test } from 'vitest'
for (let index = 0; index < ${tests}; index++)
  test('computes ' + index, () => {
    const end = process.cpuUsage().user + 50_000
    for (let sum = 0; process.cpuUsage().user < end; ) for (let i = 0; i < 100_000; i++) sum += Math.sqrt(i)
  })
`

const PATTERNS = {
  service: { text: SERVICE, few: 15, many: 120 },
  computing: { text: COMPUTING, few: 8, many: 50 },
} as const
const FILES = 12

type Run = (env: Readonly<Record<string, string>>) => Promise<void>

/** Wall time with files in parts over the same files whole, of suites that are as suites are: medians of pairs. */
export async function neverSlower(): Promise<BenchResult[]> {
  const results = [judge('split.demo', await ratioOf(runDemo), 'ratio', MOST_SLOWER)]
  for (const [name, { text, few, many }] of Object.entries(PATTERNS)) {
    const root = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
    try {
      await writeSuite(root, FILES, text(few))
      await writeFile(join(root, 'tests', 'long.test.js'), text(many))
      await writeFile(join(root, 'vitest.config.mjs'), CONFIG)
      const ratio = await ratioOf((env) => runVitest(root, env))
      results.push(judge(`split.${name}`, ratio, 'ratio', MOST_SLOWER))
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  }
  return results
}

async function ratioOf(run: Run): Promise<number> {
  for (let time = 0; time < WARM_UP; time++) await run({})
  const pairs: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const whole = await timed(() => run({ DEMO_SPLIT: 'false' }))
    pairs.push((await timed(() => run({}))) / whole)
  }
  return median(pairs)
}

const runDemo: Run = async (env) => {
  const vitest = join(packageFolder('vitest'), 'vitest.mjs')
  const args = [vitest, 'run', '--root', ROOT, '--config', DEMO_CONFIG, '--reporter=dot']
  await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  })
}

const CONFIG = `
import { defineConfig } from 'vitest/config'
import { lanes } from 'vitest-lanes'
const split = process.env.DEMO_SPLIT === 'false' ? false : 'auto'
export default defineConfig({
  plugins: [lanes({ lanes: 4, resources: { box: {} }, split })],
})
`
