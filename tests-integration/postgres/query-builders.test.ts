import { symlink } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import knex from 'knex'
import { FileMigrationProvider, Kysely, Migrator, PostgresDialect, type Generated } from 'kysely'
import { promises as fs } from 'node:fs'
import { Pool } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { project, query, startRun, urlOf } from './support/provider.ts'

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))

/** A project that sees the packages of this workspace. */
async function linked(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await project({ 'package.json': '{ "type": "commonjs" }', ...files })
  await symlink(MODULES, path.join(root, 'node_modules'), 'dir')
  return root
}

const KNEX = {
  'knexfile.js': `module.exports = { client: 'pg', connection: process.env.DATABASE_URL }`,
  'migrations/1_users.js': `
    exports.up = (db) => db.schema.createTable('users', (t) => { t.increments(); t.string('name').notNullable() })
    exports.down = (db) => db.schema.dropTable('users')`,
  'seeds/users.js': `exports.seed = (db) => db('users').insert({ name: 'ada' })`,
}

test('Knex: its command migrates and seeds', async () => {
  const root = await linked(KNEX)
  const run = await startRun(
    {
      migrate: 'knex migrate:latest',
      seed: 'knex seed:run',
      inputs: ['knexfile.js', 'migrations/**', 'seeds/**'],
    },
    { root },
  )
  const db = knex({ client: 'pg', connection: urlOf(await run.open()) })
  expect(await db('users').select()).toEqual([{ id: 1, name: 'ada' }])
  await db.destroy()
})

test('Knex: its migrator runs in a function, and what it leaves open is told', async () => {
  const root = await linked(KNEX)
  const migrate =
    (destroy: boolean) =>
    async ({ url }: { url: string }) => {
      const db = knex({
        client: 'pg',
        connection: url,
        migrations: { directory: path.join(root, 'migrations') },
      })
      await db.migrate.latest()
      const closed = db.destroy.bind(db)
      if (destroy) await closed()
      else onTestFinished(() => closed())
    }
  const run = await startRun({ inputs: ['migrations/**'], migrate: migrate(true) }, { root })
  expect(await query(await run.open(), 'select * from users')).toEqual([])
  await expect(startRun({ migrate: migrate(false) }, { root })).rejects.toMatchObject({
    code: 'LANES_MIGRATION',
    message: expect.stringContaining('connection(s) open'),
  })
})

interface Schema {
  readonly users: { id: Generated<number>; name: string }
}

const dialect = (url: string) => new PostgresDialect({ pool: new Pool({ connectionString: url }) })

test('Kysely: its migrator runs in a function', async () => {
  const root = await linked({
    'migrations/1_users.mjs': `
      export const up = (db) => db.schema.createTable('users')
        .addColumn('id', 'serial', (c) => c.primaryKey()).addColumn('name', 'text', (c) => c.notNull()).execute()`,
  })
  const run = await startRun(
    {
      inputs: ['migrations/**'],
      async migrate({ url }) {
        const db = new Kysely({ dialect: dialect(url) })
        const migrationFolder = path.join(root, 'migrations')
        const provider = new FileMigrationProvider({ fs, path, migrationFolder })
        const { error } = await new Migrator({ db, provider }).migrateToLatest()
        await db.destroy()
        if (error !== undefined) throw error
      },
    },
    { root },
  )
  const db = new Kysely<Schema>({ dialect: dialect(urlOf(await run.open())) })
  await db.insertInto('users').values({ name: 'ada' }).execute()
  expect(await db.selectFrom('users').selectAll().execute()).toEqual([{ id: 1, name: 'ada' }])
  await db.destroy()
})

test.each([
  [
    'its command runs migrations in JavaScript',
    {
      'migrations/1_users.js': `exports.up = (pgm) => pgm.createTable('users', { id: 'id', name: { type: 'text', notNull: true } })`,
    },
    'node-pg-migrate up',
  ],
  [
    'its SQL files are the migrations, without the way back',
    {
      'migrations/1_users.sql':
        '-- Up Migration\ncreate table users (id serial primary key, name text not null);\n-- Down Migration\ndrop table users;',
    },
    './migrations',
  ],
])('node-pg-migrate: %s', async (_, files, migrate) => {
  const root = await linked(files)
  const run = await startRun({ migrate, inputs: ['migrations/**'] }, { root })
  const instance = await run.open()
  await query(instance, "insert into users (name) values ('ada')")
  expect(await query(instance, 'select * from users')).toEqual([{ id: 1, name: 'ada' }])
})
