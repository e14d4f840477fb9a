import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { pgTable, serial, text } from 'drizzle-orm/pg-core'
import path from 'node:path'
import { Pool } from 'pg'
import { expect, test } from 'vitest'
import { project, query, startRun, urlOf } from './support/provider.ts'

const users = pgTable('users', { id: serial().primaryKey(), name: text().notNull() })
const CREATE = 'CREATE TABLE "users" ("id" serial PRIMARY KEY NOT NULL, "name" text NOT NULL);'
const BREAK = '--> statement-breakpoint'

/** What `drizzle-kit generate` writes. */
const DRIZZLE = {
  'drizzle/0000_users.sql': `${CREATE}\n${BREAK}\nCREATE INDEX "by_name" ON "users" ("name");`,
  'drizzle/meta/_journal.json': JSON.stringify({
    version: '7',
    dialect: 'postgresql',
    entries: [{ idx: 0, version: '7', when: 1_700_000_000_000, tag: '0000_users', breakpoints: true }],
  }),
}

test('Drizzle: its SQL files are the migrations', async () => {
  const root = await project(DRIZZLE)
  const run = await startRun({ migrate: './drizzle' }, { root })
  const pool = new Pool({ connectionString: urlOf(await run.open()) })
  const db = drizzle(pool)
  await db.insert(users).values({ name: 'ada' })
  expect(await db.select().from(users)).toEqual([{ id: 1, name: 'ada' }])
  await pool.end()
})

test('Drizzle: its own migrator runs once, and its work is kept until the files change', async () => {
  // In a folder of a name that no run has seen: nothing is kept from an earlier one.
  const root = await project(DRIZZLE)
  let calls = 0
  const options = {
    inputs: ['drizzle/**'],
    async migrate({ url }: { url: string }) {
      calls++
      const pool = new Pool({ connectionString: url })
      await migrate(drizzle(pool), { migrationsFolder: path.join(root, 'drizzle') })
      await pool.end()
    },
  }
  for (const _ of ['built', 'kept']) {
    const run = await startRun(options, { root })
    const pool = new Pool({ connectionString: urlOf(await run.open()) })
    const { rows } = await drizzle(pool).execute(sql`select count(*)::int from drizzle.__drizzle_migrations`)
    expect(rows).toEqual([{ count: 1 }])
    await pool.end()
    await run.stop()
  }
  expect(calls).toBe(1)
})

test('Prisma: the folders of its migrations are the migrations', async () => {
  const root = await project({
    'prisma/migrations/20240101000000_init/migration.sql':
      'CREATE TABLE "User" ("id" SERIAL NOT NULL, "name" TEXT NOT NULL, CONSTRAINT "User_pkey" PRIMARY KEY ("id"));',
    'prisma/migrations/20240201000000_email/migration.sql': 'ALTER TABLE "User" ADD COLUMN "email" TEXT;',
    'prisma/migrations/migration_lock.toml': 'provider = "postgresql"',
  })
  const run = await startRun({ migrate: './prisma/migrations' }, { root })
  const instance = await run.open()
  await query(instance, `INSERT INTO "public"."User" ("name", "email") VALUES ('ada', 'ada@example.org')`)
  expect(await query(instance, 'SELECT * FROM "User"')).toEqual([
    { id: 1, name: 'ada', email: 'ada@example.org' },
  ])
})
