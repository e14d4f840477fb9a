import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { remark } from './judge.ts'
import { median } from './median.ts'
import type { BenchResult } from './result.ts'
import { runVitest, timed, writeSuite } from './vitest-project.ts'

const MOST = 12
const FILES = 24
const TURNS = 3
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
      results.push(...(await compare(kind, run)))
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  }
  return results
}

/** Every fixed number once, to find the best two; then these, auto and plain in turns, for their medians. */
async function compare(kind: string, run: (lanes: string) => Promise<number>): Promise<BenchResult[]> {
  // Fills Vite's caches.
  await run('4')
  const fixed = new Map<string, number>()
  for (let lanes = 1; lanes <= MOST; lanes++) fixed.set(String(lanes), await run(String(lanes)))
  const best = [...fixed].toSorted(([, a], [, b]) => a - b).slice(0, 2)
  const ways = [...best.map(([lanes]) => lanes), 'auto', '']
  const times = new Map(ways.map((way): [string, number[]] => [way, []]))
  for (let turn = 0; turn < TURNS; turn++) for (const way of ways) times.get(way)!.push(await run(way))
  const took = (way: string): number => median(times.get(way)!)
  const once = [...fixed].map(([lanes, ms]) => `${lanes}: ${seconds(ms)}`)
  const medians = ways.map((way) => `${way === '' ? 'plain' : way}: ${seconds(took(way))}`)
  remark(`${kind}, s by lanes, once ${once.join(', ')}; medians ${medians.join(', ')}`)
  return [
    ratio(`auto.${kind}-against-best`, took('auto') / Math.min(...best.map(([lanes]) => took(lanes)))),
    ratio(`auto.${kind}-against-plain`, took('auto') / took('')),
  ]
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
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
  // Most of it is spent here, and not in asking.
  for (let sum = 0; process.cpuUsage().user < end; ) for (let i = 0; i < 100_000; i++) sum += Math.sqrt(i)
}
test('takes a second', async () => { ${body} }, 60_000)
`
}

function ratio(id: string, value: number): BenchResult {
  return { id, value, unit: 'ratio', limit: LIMIT, pass: value <= LIMIT }
}
