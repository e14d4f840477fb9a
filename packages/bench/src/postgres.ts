import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { postgres as provider } from '@vitest-lanes/postgres'
import { Client } from 'pg'
import { judge, remark } from './judge.ts'
import { median } from './median.ts'
import { startProvider, type ProviderRun } from './provider-run.ts'
import { serversReady } from './servers-ready.ts'
import type { BenchResult } from './result.ts'

const FILES = 60
const LANES = 4
/** How long a file holds its database, in ms: less than Vitest takes to start a worker for it. */
const HELD = 250
const ROUNDS = 5

/** 20 tables, 10,000 rows in all, an index beside each key. */
const MIGRATION = Array.from(
  { length: 20 },
  (_, table) => `
    CREATE TABLE t${table} (id serial PRIMARY KEY, name text NOT NULL, payload jsonb, at timestamptz DEFAULT now());
    CREATE INDEX ON t${table} (name);
    INSERT INTO t${table} (name, payload) SELECT 'name ' || n, '{"a": 1}' FROM generate_series(1, 500) n;`,
).join('\n')

/** What a file waits for a clean database, beside what it would wait without clones that are made ahead. */
export async function postgres(): Promise<BenchResult[]> {
  return [...(await waits()), ...(await serversReady())]
}

async function waits(): Promise<BenchResult[]> {
  const root = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
  try {
    await writeFile(join(root, 'migration.sql'), MIGRATION)
    await using run = await startProvider(provider({ migrate: './migration.sql' }), LANES, root)
    const sorted = (await runFiles(run)).toSorted((a, b) => a - b)
    const [p50 = 0, p95 = 0] = [0.5, 0.95].map((share) => sorted[Math.ceil(share * sorted.length) - 1])
    const { template, migrate } = await byHand(run)
    remark(
      `beside it: CREATE DATABASE … TEMPLATE ${template.toFixed(1)} ms, migrate from scratch ${migrate.toFixed(1)} ms`,
    )
    return [
      judge('postgres.wait-p50', p50, 'ms', 2),
      judge('postgres.wait-p95', p95, 'ms', 20),
      judge('postgres.wait-against-template', p50 / template, 'ratio', 1),
      judge('postgres.wait-against-migrate', p50 / migrate, 'ratio', 1),
    ]
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** What each file waited, in ms. The first of each lane is not counted: it waits for the server to start. */
async function runFiles(run: ProviderRun): Promise<number[]> {
  const waits: number[] = []
  let next = 0
  const oneFile = async (number: number): Promise<number> => {
    const begun = performance.now()
    const instance = await run.open(number)
    const waited = performance.now() - begun
    await use(instance.env['DATABASE_URL'] ?? '')
    await setTimeout(HELD)
    await instance.dispose()
    return waited
  }
  const lane = async (number: number): Promise<void> => {
    await oneFile(number)
    while (next++ < FILES) waits.push(await oneFile(number))
  }
  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index + 1)))
  return waits
}

async function use(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int FROM t7')
    if (rows[0]?.count !== 500) throw new Error('The database is not as migrated.')
  })
}

/** What teams do by hand, in ms: a clone when a file needs one; the migrations in an empty database. */
async function byHand(run: ProviderRun): Promise<{ template: number; migrate: number }> {
  const { env } = await run.open(1)
  const url = env['DATABASE_URL'] ?? ''
  return withClient(url, async (client) => {
    const migrate: number[] = []
    const template: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      migrate.push(
        await timed(async () => {
          await client.query(`CREATE DATABASE scratch${round}`)
          const scratch = new URL(url)
          scratch.pathname = `/scratch${round}`
          await withClient(scratch.href, (fresh) => fresh.query(MIGRATION))
        }),
      )
      template.push(await timed(() => client.query(`CREATE DATABASE clone${round} TEMPLATE scratch${round}`)))
    }
    return { template: median(template), migrate: median(migrate) }
  })
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

async function timed(what: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await what()
  return performance.now() - begun
}
