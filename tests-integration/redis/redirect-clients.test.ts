import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { installed } from '../support/installation.ts'
import { createProject } from '../support/project.ts'

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))
const CLIENTS = ['ioredis', 'iovalkey', 'redis', 'pg', 'postgres']
const OURS = [
  'vite',
  'vitest',
  'vitest-lanes',
  '@vitest-lanes/core',
  '@vitest-lanes/redis',
  '@vitest-lanes/postgres',
]

const CONFIG = `
  import { postgres } from '@vitest-lanes/postgres'
  import { redis } from '@vitest-lanes/redis'
  import { lanes } from 'vitest-lanes'
  import { defineConfig } from 'vitest/config'
  export default defineConfig({
    plugins: [lanes({
      lanes: 2,
      resources: {
        redis: redis({ redirect: ['localhost:6379'] }),
        postgres: postgres({
          isolation: 'server', migrate: './m', users: { app: 'app' }, databases: ['app_test'],
          redirect: ['127.0.0.1:5432'],
        }),
      },
      files: { 'tests/**': ['redis', 'postgres'] },
    })],
    test: { pool: process.env.POOL, env: { NODE_OPTIONS: process.env.FOR_TESTS ?? '', REDIS_URL: 'redis://localhost:6379' } },
  })`

test.each(['forks', 'threads'])(
  'in %s, code that names its addresses finds the Redis and the PostgreSQL of its file, whatever client it uses',
  async (pool) => {
    const hardCoded = await readFile(new URL('fixtures/every-client.mjs', import.meta.url), 'utf8')
    await using project = await createProject(
      {
        'vitest.config.ts': CONFIG,
        'm/1.sql': 'create table users (id serial primary key, name text)',
        'mark.cjs': 'globalThis.loadedByUser = process.loadedByUser = true',
        'tests/a.test.ts': hardCoded,
        'tests/b.test.ts': hardCoded,
        'tests/c.test.ts': hardCoded,
      },
      installed(MODULES, process.execPath, [...OURS, ...CLIENTS]),
    )

    const { code, report, record } = await project.run([], {
      env: { POOL: pool, FOR_TESTS: `--require="${path.join(project.root, 'mark.cjs')}"` },
    })

    expect(
      report?.testResults.flatMap(({ assertionResults }) =>
        assertionResults.flatMap((each) => each.failureMessages ?? []),
      ),
    ).toEqual([])
    expect(record?.outcome).toBe('passed')
    expect(report?.numPassedTests).toBe(3 * 12)
    expect(code).toBe(0)
  },
)
