import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchResult } from './result.ts'
import { runVitest, timed, writeSuite } from './vitest-project.ts'

const MOST = 12
const FILES = 24
/** Of best and of plain Vitest. */
const LIMIT = 1.1

/** What a file does for about a second where it has a core to itself. */
const KINDS = {
  waiting: 'for (let i = 0; i < 20; i++) await wait(50)',
  computing: 'compute(1000)',
  mixed: 'for (let i = 0; i < 10; i++) { compute(30); await wait(70) }',
} as const

/** `lanes: 'auto'` against every fixed number of lanes, and against Vitest's own default. */
export async function auto(): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const [kind, body] of Object.entries(KINDS)) {
    const root = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
    try {
      await writeSuite(root, FILES, testFile(body))
      await writeFile(join(root, 'vitest.config.mjs'), CONFIG)
      const run = (lanes: string): Promise<number> => timed(() => runVitest(root, { BENCH_LANES: lanes }))
      // Fills Vite's caches.
      await run('4')
      const followed = await run('auto')
      const plain = await run('')
      const fixed: number[] = []
      for (let lanes = 1; lanes <= MOST; lanes++) fixed.push(await run(String(lanes)))
      results.push(
        ratio(`auto.${kind}-against-best`, followed / Math.min(...fixed)),
        ratio(`auto.${kind}-against-plain`, followed / plain),
      )
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  }
  return results
}

const CONFIG = `
import { defineConfig } from 'vitest/config'
import { lanes } from 'vitest-lanes'
const asked = process.env.BENCH_LANES
const count = asked === 'auto' ? 'auto' : Number(asked)
export default defineConfig({
  plugins: asked === '' ? [] : [lanes({ lanes: count, resources: { box: {} } })],
})
`

function testFile(body: string): string {
  return `
import { test } from 'vitest'
const wait = (ms) => new Promise((done) => setTimeout(done, ms))
const compute = (ms) => {
  // So much work, not so much time: it takes longer on a core that is shared.
  const end = process.cpuUsage().user + ms * 1000
  while (process.cpuUsage().user < end);
}
test('takes a second', async () => { ${body} }, 60_000)
`
}

function ratio(id: string, value: number): BenchResult {
  return { id, value, unit: 'ratio', limit: LIMIT, pass: value <= LIMIT }
}
