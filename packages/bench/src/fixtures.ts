import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import { judge, remark } from './judge.ts'
import { median } from './median.ts'
import { startProvider } from './provider-run.ts'
import type { BenchResult } from './result.ts'

const TESTS = 100
/** The first tests connect, and load what they need. */
const WARM_UP = 20

/** What a test does with its fixtures. */
const BODIES = {
  empty: 'async () => { begun() }',
  bullmq: `async ({ bullmq }) => {
    begun()
    await Promise.all([bullmq.queue('mails'), bullmq.worker('mails', async () => {})].map((one) => one.waitUntilReady()))
  }`,
  job: `async ({ bullmq }) => {
    begun()
    bullmq.worker('mails', async () => {})
    await bullmq.settled(await bullmq.queue('mails').add('mail', {}))
  }`,
  plain: "async () => { begun(); await plain.query('SELECT 1') }",
  pg: "async ({ pg }) => { begun(); await pg.query('SELECT 1') }",
} as const

type Body = keyof typeof BODIES

/**
 * What the fixtures cost a test: from the beginning of one test to that of the next, less what the same takes without a
 * fixture. Beside `bullmq` stands an empty test, beside `pg` the same query on a connection of the file.
 */
export async function fixtures(): Promise<BenchResult[]> {
  const root = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
  try {
    await writeProject(root)
    await using cache = await startProvider(redis(), 1)
    await using database = await startProvider(postgres(), 1)
    const [inRedis, inPostgres] = await Promise.all([cache.open(1), database.open(1)])
    const env = { ...inRedis.env, ...inPostgres.env, VITEST_LANES_REDIS: '1', VITEST_LANES_POSTGRES: '1' }
    const time = (body: Body) => timeOf(body, root, env)
    const empty = await time('empty')
    const bullmq = (await time('bullmq')) - empty
    const pg = (await time('pg')) - (await time('plain'))
    remark(
      `beside it: a job that is added, processed and waited for ${((await time('job')) - empty).toFixed(1)} ms`,
    )
    return [judge('fixtures.bullmq', bullmq, 'ms', 15), judge('fixtures.pg', pg, 'ms', 1)]
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** Median ms from test to test. */
async function timeOf(body: Body, root: string, env: Readonly<Record<string, string>>): Promise<number> {
  const times = join(root, `${body}.json`)
  const vitest = join(packageFolder('vitest'), 'vitest.mjs')
  await promisify(execFile)(process.execPath, [vitest, 'run', `${body}.test.js`], {
    cwd: root,
    env: { ...process.env, ...env, TIMES: times },
  })
  const begun = JSON.parse(await readFile(times, 'utf8')) as number[]
  return median(begun.slice(WARM_UP + 1).map((at, index) => at - (begun[WARM_UP + index] ?? 0)))
}

async function writeProject(root: string): Promise<void> {
  const modules = join(root, 'node_modules')
  await mkdir(join(modules, '@vitest-lanes'), { recursive: true })
  for (const name of ['vitest', 'pg', '@vitest-lanes/bullmq'])
    await symlink(packageFolder(name), join(modules, name))
  await writeFile(join(root, 'package.json'), '{ "type": "module", "private": true }')
  for (const [name, body] of Object.entries(BODIES)) {
    await writeFile(
      join(root, `${name}.test.js`),
      `${HEAD}\nfor (let n = 0; n < ${TESTS}; n++) test(String(n), ${body})\n`,
    )
  }
}

const HEAD = `
import { writeFileSync } from 'node:fs'
import { test } from '@vitest-lanes/bullmq/fixture'
import { Client } from 'pg'
import { afterAll } from 'vitest'
const times = []
const begun = () => times.push(performance.now())
const plain = new Client(process.env.DATABASE_URL)
await plain.connect()
afterAll(() => plain.end())
afterAll(() => writeFileSync(process.env.TIMES, JSON.stringify(times)))
`

function packageFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
}
