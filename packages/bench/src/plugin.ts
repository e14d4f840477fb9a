import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import module from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './median.ts'
import type { BenchResult } from './result.ts'
import { runVitest, timed, writeSuite } from './vitest-project.ts'

const WORKERS = 2
const PAIRS = 3
const TRIVIAL = 200
const MANY = 10_000
/** Where Node.js keeps what it has compiled (22.10 and later), a process comes up faster than stock's. */
const MOST_RATIO = 'flushCompileCache' in module ? 0.95 : 1.05
const MOST_MEMORY = 100

/** What the plugin costs where it has nothing to gain: against plain Vitest with as many workers. */
export async function plugin(): Promise<BenchResult[]> {
  const ratio = await startUpRatio()
  const memory = await memoryOfWaitingFiles()
  return [
    { id: 'plugin.trivial-200', value: ratio, unit: 'ratio', limit: MOST_RATIO, pass: ratio <= MOST_RATIO },
    { id: 'plugin.memory-10000', value: memory, unit: 'MB', limit: MOST_MEMORY, pass: memory <= MOST_MEMORY },
  ]
}

/** Wall time of trivial files, lanes over plain: the median of pairs that ran one after the other. */
async function startUpRatio(): Promise<number> {
  return withProject(TRIVIAL, async (run) => {
    // The first run of either fills Vite's caches.
    await run('plain')
    const ratios: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      const plain = await timed(() => run('plain'))
      const lanes = await timed(() => run('lanes'))
      ratios.push(lanes / plain)
    }
    return median(ratios)
  })
}

/** MB that Vitest's process holds at the moment when the first file has begun and all others wait, over plain. */
async function memoryOfWaitingFiles(): Promise<number> {
  return withProject(MANY, async (run, root) => {
    const measure = async (how: 'plain' | 'lanes'): Promise<number> => {
      const file = join(root, `${how}.bytes`)
      await run(how, { MEMORY_FILE: file })
      return Number(await readFile(file, 'utf8'))
    }
    const plain = await measure('plain')
    return ((await measure('lanes')) - plain) / 2 ** 20
  })
}

type RunProject = (how: 'plain' | 'lanes', env?: Readonly<Record<string, string>>) => Promise<void>

async function withProject<T>(files: number, use: (run: RunProject, root: string) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
  try {
    await writeSuite(root, files, TEST)
    await writeFile(join(root, 'vitest.config.mjs'), CONFIG)
    await writeFile(join(root, 'memory.mjs'), REPORTER)
    return await use((how, env) => runVitest(root, { BENCH: how, ...env }, ['--reporter=./memory.mjs']), root)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const CONFIG = `
import { defineConfig } from 'vitest/config'
import { lanes } from 'vitest-lanes'
export default defineConfig({
  plugins: process.env.BENCH === 'lanes' ? [lanes({ lanes: ${WORKERS}, resources: { box: {} } })] : [],
  test: { maxWorkers: ${WORKERS} },
})
`

// Says nothing. Where it is asked to, it weighs the process when the first file has begun, and ends it.
const REPORTER = `
import { writeFileSync } from 'node:fs'
export default class {
  onTestModuleCollected() {
    if (process.env.MEMORY_FILE === undefined) return
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    writeFileSync(process.env.MEMORY_FILE, String(heapUsed + external))
    process.exit(0)
  }
}
`

const TEST = `
import { expect, test } from 'vitest'
test('adds', () => expect(1 + 1).toBe(2))
`
