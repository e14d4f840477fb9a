import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge } from './judge.ts'
import { median } from './median.ts'
import { neverSlower } from './never-slower.ts'
import type { BenchResult } from './result.ts'
import { runVitest, timed, writeSuite } from './vitest-project.ts'

const LANES = 8
/** How long the longest file waits, in ms; all the others together wait as long. */
const LONGEST = 100_000
const OTHERS = 19
const STEP = 100
const MOST_OF_WHOLE = 0.35
const MOST_OF_BOUND = 1.15
const MANY_TESTS = 2_000
const MERGING_PARTS = 6
const MOST_MS_A_TEST = 1
const PAIRS = 3

/** What it brings to run one file in several lanes, against the same files whole. */
export async function split(): Promise<BenchResult[]> {
  const { whole, parts } = await longestFile()
  const bound = (2 * LONGEST) / LANES
  const merging = await mergingCost()
  return [
    judge('split.longest-file', parts / whole, 'ratio', MOST_OF_WHOLE),
    judge('split.over-bound', parts / bound, 'ratio', MOST_OF_BOUND),
    judge('split.merging', merging, 'ms', MOST_MS_A_TEST),
    ...(await neverSlower()),
  ]
}

/** 20 files that wait, of which one holds half of all the time. */
async function longestFile(): Promise<{ whole: number; parts: number }> {
  return withProject(0, 'x', '{ files: ["tests/long.test.js"] }', async (root, run) => {
    await writeFile(join(root, 'tests', 'long.test.js'), waiting(LONGEST / STEP))
    for (let index = 0; index < OTHERS; index++)
      await writeFile(join(root, 'tests', `${index}.test.js`), waiting(LONGEST / STEP / OTHERS))
    // Nothing is known of the files in the first run: all of them run whole.
    const whole = await timed(() => run())
    return { whole, parts: await timed(() => run()) }
  })
}

/** CPU that Vitest's own process uses more for each test of a file in parts, in ms. */
async function mergingCost(): Promise<number> {
  const split = `{ files: ['tests/0.test.js'], parts: ${MERGING_PARTS} }`
  return withProject(1, trivial(MANY_TESTS), split, async (root, run) => {
    await run()
    const cpuOf = async (how: string): Promise<number> => {
      const file = join(root, 'cpu')
      await run({ CPU_FILE: file, BENCH: how })
      return Number(await readFile(file, 'utf8'))
    }
    const pairs: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      const whole = await cpuOf('whole')
      pairs.push(((await cpuOf('parts')) - whole) / MANY_TESTS)
    }
    return median(pairs)
  })
}

async function withProject<T>(
  files: number,
  text: string,
  option: string,
  use: (root: string, run: (env?: Readonly<Record<string, string>>) => Promise<void>) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
  try {
    await writeSuite(root, files, text)
    await writeFile(join(root, 'vitest.config.mjs'), configOf(option))
    await writeFile(join(root, 'cpu.mjs'), REPORTER)
    return await use(root, (env = {}) => runVitest(root, env, ['--reporter=./cpu.mjs']))
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

function configOf(option: string): string {
  return `
import { defineConfig } from 'vitest/config'
import { lanes } from 'vitest-lanes'
const split = process.env.BENCH === 'whole' ? false : ${option}
export default defineConfig({
  plugins: [lanes({ lanes: ${LANES}, resources: { box: {} }, split })],
})
`
}

const REPORTER = `
import { writeFileSync } from 'node:fs'
export default class {
  onTestRunEnd() {
    const { user, system } = process.cpuUsage()
    if (process.env.CPU_FILE !== undefined) writeFileSync(process.env.CPU_FILE, String((user + system) / 1000))
  }
}
`

function waiting(tests: number): string {
  return `
import { test } from 'vitest'
for (let index = 0; index < ${Math.round(tests)}; index++)
  test('waits ' + index, () => new Promise((done) => setTimeout(done, ${STEP})))
`
}

function trivial(tests: number): string {
  return `
import { expect, test } from 'vitest'
for (let index = 0; index < ${tests}; index++) test('adds ' + index, () => expect(1 + 1).toBe(2))
`
}
