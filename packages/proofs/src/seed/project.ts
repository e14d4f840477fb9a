import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linkPackages } from '../linked.ts'

const SUITE = fileURLToPath(new URL('../../../../tests-integration/orchestrator', import.meta.url))
const PACKAGES = [
  'vitest',
  'vitest-lanes',
  '@vitest-lanes/orchestrator',
  '@vitest-lanes/postgres',
  '@vitest-lanes/redis',
  'bullmq',
  'ioredis',
  'pg',
]
/** Files that pass alone and fail together, as the document that this project began with reports them. */
export const REPORTED = ['worker', 'bullmq', 'job-cancellation'].map((name) => `tests/${name}.test.ts`)
/** Of the sample application. */
export const MIGRATIONS = fileURLToPath(
  new URL('migrations', import.meta.resolve('@vitest-lanes/orchestrator/package.json')),
)

// No file claims anything yet: all use the servers of the environment.
const CONFIG = `
import { defineConfig } from 'vitest/config'
import { lanes } from 'vitest-lanes'
import { redis } from '@vitest-lanes/redis'
import { postgres } from '@vitest-lanes/postgres'
const resources = { redis: redis(), postgres: postgres({ migrate: ${JSON.stringify(MIGRATIONS)} }) }
export default defineConfig({
  plugins: [lanes({ lanes: 4, resources, undeclared: 'off' })],
  test: { testTimeout: 30_000, hookTimeout: 15_000 },
})
`

const RESET = `
import { Redis } from 'ioredis'
import pg from 'pg'
const redis = new Redis(process.env.REDIS_URL)
await redis.flushall()
await redis.quit()
const url = new URL(process.env.DATABASE_URL)
url.pathname = '/postgres'
const client = new pg.Client(url.href)
await client.connect()
await client.query('DROP DATABASE IF EXISTS ' + process.env.PGDATABASE + ' WITH (FORCE)')
await client.query('CREATE DATABASE ' + process.env.PGDATABASE + ' TEMPLATE ' + process.env.CLEAN_DATABASE)
await client.end()
`

/** These files of the sample application, in a project of its own. Disposing of it removes it. */
export async function openSuite(): Promise<AsyncDisposable & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'seed-'))
  if (process.getuid?.() === 0) await chmod(root, 0o755)
  await cp(join(SUITE, 'support'), join(root, 'tests', 'support'), { recursive: true })
  for (const file of REPORTED) await cp(join(SUITE, basename(file)), join(root, file))
  await writeFile(join(root, 'package.json'), '{ "type": "module", "private": true }')
  await writeFile(join(root, 'vitest.config.mjs'), CONFIG)
  await writeFile(join(root, 'reset.mjs'), RESET)
  await linkPackages(root, PACKAGES)
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }) }
}
