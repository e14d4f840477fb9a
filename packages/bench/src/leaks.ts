import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { OpenInstance, RunRecord } from '@vitest-lanes/core'
import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import type { Engine } from '@vitest-lanes/server'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { commonEngines } from './engines.ts'
import { judge, remark } from './judge.ts'
import { median } from './median.ts'
import { startProvider } from './provider-run.ts'
import type { BenchResult } from './result.ts'

const FILES = 15
/** The first files load clients. */
const WARM_UP = 3
const CONNECTIONS = 50
const PROCESSES = 9
const MOST_INSPECTION = 5
const MOST_SHARE = 0.01
const DELETES = "INSERT INTO mails VALUES (1, 'a'); DELETE FROM mails"
const ROLLS_BACK = "BEGIN; INSERT INTO mails VALUES (1, 'a'); ROLLBACK"

/** What it costs to look at what files leave, and to see what they use. */
export async function leaks(): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const engine of await commonEngines()) {
    results.push(judge(`fixtures.leaks-${engine}`, await inspection(engine, DELETES), 'ms', MOST_INSPECTION))
    const rolledBack = await inspection(engine, ROLLS_BACK)
    remark(`beside it: after a file that rolls back ${rolledBack.toFixed(1)} ms, as its tables are looked at`)
  }
  return [...results, judge('fixtures.undeclared', await shareOfFile(), 'ratio', MOST_SHARE)]
}

/** Median ms for a look at both servers of a file that has used them and left nothing. */
async function inspection(engine: Engine, sql: string): Promise<number> {
  const root = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
  try {
    await mkdir(join(root, 'migrations'))
    await writeFile(join(root, 'migrations', '1.sql'), 'CREATE TABLE mails (id int PRIMARY KEY, text text)')
    await using cache = await startProvider(redis({ engine }), 1)
    await using database = await startProvider(postgres({ engine, migrate: './migrations' }), 1, root)
    const times: number[] = []
    for (let file = 0; file < FILES; file++) {
      const [inRedis, inPostgres] = await Promise.all([cache.open(1), database.open(1)])
      await Promise.all([useRedis(inRedis), usePostgres(inPostgres, sql)])
      const begun = performance.now()
      const found = await Promise.all([inRedis.inspect?.(), inPostgres.inspect?.()])
      times.push(performance.now() - begun)
      if (found.flat().length > 0) throw new Error(`Found what is none: ${JSON.stringify(found)}`)
      await Promise.all([inRedis.dispose(), inPostgres.dispose()])
    }
    return median(times.slice(WARM_UP))
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function useRedis({ env }: OpenInstance): Promise<void> {
  const client = new Redis(env['REDIS_URL'] ?? '')
  await client.multi().set('key', 1).del('key').exec()
  await client.quit()
}

async function usePostgres({ env }: OpenInstance, sql: string): Promise<void> {
  const client = new Client({ connectionString: env['DATABASE_URL'] })
  await client.connect()
  await client.query(sql)
  await client.end()
}

/** What the hook takes in a file that connects to its instance fifty times, over all the time that such a file takes. */
async function shareOfFile(): Promise<number> {
  const root = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
  try {
    await writeProject(root)
    const costs: number[] = []
    for (let run = 0; run < PROCESSES; run++) costs.push(await hookCost(root))
    const vitest = join(packageFolder('vitest'), 'vitest.mjs')
    await promisify(execFile)(process.execPath, [vitest, 'run'], { cwd: root })
    const record = JSON.parse(await readFile(join(root, '.vitest-lanes', 'run.json'), 'utf8')) as RunRecord
    const { admitted = 0, exited = 0 } = record.files[0]?.times ?? {}
    return median(costs) / (exited - admitted)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** ms to load the hook and to make the connections, over those without it. */
async function hookCost(root: string): Promise<number> {
  const hook = join(packageFolder('vitest-lanes'), 'dist', 'worker', 'watch.cjs')
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'cost.cjs'), hook], {
    cwd: root,
  })
  return Number(stdout)
}

async function writeProject(root: string): Promise<void> {
  await mkdir(join(root, 'node_modules'))
  for (const name of ['vitest', 'vitest-lanes'])
    await symlink(packageFolder(name), join(root, 'node_modules', name))
  await writeFile(join(root, 'package.json'), '{ "type": "module", "private": true }')
  await writeFile(join(root, 'vitest.config.mjs'), CONFIG)
  await writeFile(join(root, 'connect.cjs'), CONNECT)
  await writeFile(join(root, 'a.test.js'), TEST)
  await writeFile(join(root, 'cost.cjs'), COST)
}

const CONFIG = `
import { defineConfig } from 'vitest/config'
import { lanes } from 'vitest-lanes'
export default defineConfig({ plugins: [lanes({ resources: { box: {} } })] })
`

const CONNECT = `
const net = require('node:net')
exports.connectAll = async () => {
  const server = net.createServer((socket) => socket.end())
  await new Promise((resolve) => server.listen(process.env.PORT ?? 0, '127.0.0.1', resolve))
  for (let n = 0; n < ${CONNECTIONS}; n++)
    await new Promise((resolve) => {
      const socket = net.connect(server.address().port, '127.0.0.1').resume()
      socket.once('close', resolve)
    })
  await new Promise((resolve) => server.close(resolve))
}
`

const TEST = `
import { test } from 'vitest'
import { connectAll } from './connect.cjs'
test('connects', connectAll)
`

// In turn, since the first connections of a process are slow.
const COST = `
const { connectAll } = require('./connect.cjs')
const net = require('node:net')
const plain = net.Socket.prototype.connect
const timed = async (work) => {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}
void (async () => {
  process.env.PORT = String(20_000 + (process.pid % 10_000))
  await connectAll()
  const own = ['127.0.0.1:' + process.env.PORT]
  process.env.VITEST_LANES_WATCH = JSON.stringify({ log: 'watch.jsonl', ours: [], own })
  const load = await timed(() => require(process.argv[2]))
  const watched = net.Socket.prototype.connect
  let least = Infinity
  for (let round = 0; round < 5; round++) {
    const use = (connect) => Object.defineProperty(net.Socket.prototype, 'connect', { value: connect })
    use(plain)
    const without = await timed(connectAll)
    use(watched)
    least = Math.min(least, (await timed(connectAll)) - without)
  }
  console.log(load + Math.max(0, least))
})()
`

function packageFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
}
