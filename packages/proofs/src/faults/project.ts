import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linkPackages } from '../linked.ts'
import type { Fault } from './fault.ts'

const PROJECTS = fileURLToPath(new URL('./projects', import.meta.url))
/** Files that every project has beside the two: they disturb nobody. */
const BESIDE = join(PROJECTS, 'any')
const PACKAGES = [
  'vitest',
  'vitest-lanes',
  '@vitest-lanes/redis',
  '@vitest-lanes/postgres',
  'bullmq',
  'ioredis',
  'pg',
]

const MIGRATION = `
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, balance int NOT NULL DEFAULT 0);
CREATE TABLE orders (id serial PRIMARY KEY, item text NOT NULL);
CREATE TABLE job_status (job_id text PRIMARY KEY, status text NOT NULL);
CREATE TABLE plans (name text PRIMARY KEY, price int NOT NULL);
INSERT INTO plans VALUES ('free', 0), ('team', 10);
`

/** What a user would write to begin anew on servers that nobody cleans. */
const RESET = `
import { readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
const redis = new Redis(process.env.REDIS_URL)
await redis.flushall()
await redis.quit()
const client = new pg.Client(process.env.DATABASE_URL)
await client.connect()
await client.query('DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public')
await client.query(await readFile('migrations/1.sql', 'utf8'))
await client.end()
`

const config = ({ lanes, isolate }: Fault): string => `
import { defineConfig } from 'vitest/config'
import { lanes } from 'vitest-lanes'
import { redis } from '@vitest-lanes/redis'
import { postgres } from '@vitest-lanes/postgres'

// No file claims anything yet: all use the servers of the environment.
const resources = { redis: redis(), postgres: postgres({ migrate: './migrations' }) }
export default defineConfig({
  plugins: [lanes({ lanes: ${lanes}, resources, undeclared: 'off' })],
  test: { include: ['tests/*.check.js'], isolate: ${isolate} },
})
`

/** A project with the fault. Disposing of it removes it. */
export async function openProject(fault: Fault): Promise<AsyncDisposable & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'fault-'))
  if (process.getuid?.() === 0) await chmod(root, 0o755)
  for (const folder of [BESIDE, join(PROJECTS, fault.name)])
    await cp(folder, join(root, 'tests'), { recursive: true, filter: (path) => !/\.(d\.ts|map)$/.test(path) })
  await mkdir(join(root, 'migrations'))
  await writeFile(join(root, 'migrations', '1.sql'), MIGRATION)
  await writeFile(join(root, 'reset.mjs'), RESET)
  await writeFile(join(root, 'package.json'), '{ "type": "module", "private": true }')
  await writeFile(join(root, 'vitest.config.mjs'), config(fault))
  await linkPackages(root, PACKAGES)
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Path of a test file of a project. */
export function pathOf(name: string): string {
  return `tests/${name}.check.js`
}
