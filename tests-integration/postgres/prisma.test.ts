import { execFile } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { generateClient, installPrisma } from './support/prisma.ts'
import { project, startRun } from './support/provider.ts'

const prisma = await installPrisma()

const FILES = {
  'prisma.config.ts': `
    import { defineConfig } from 'prisma/config'
    export default defineConfig({ schema: 'prisma/schema.prisma' })`,
  'prisma/schema.prisma': `
    generator client {
      provider = "prisma-client-js"
      output   = "../generated"
    }
    datasource db {
      provider = "postgresql"
    }
    model User {
      id    Int     @id @default(autoincrement())
      name  String
      email String?
    }`,
  'prisma/migrations/20240101000000_init/migration.sql':
    'CREATE TABLE "User" ("id" SERIAL NOT NULL, "name" TEXT NOT NULL, CONSTRAINT "User_pkey" PRIMARY KEY ("id"));',
  'prisma/migrations/20240201000000_email/migration.sql': 'ALTER TABLE "User" ADD COLUMN "email" TEXT;',
  'prisma/migrations/migration_lock.toml': 'provider = "postgresql"',
  // Says what it finds in the database that a variable or an address in the code leads to.
  'app.cjs': `
    const { PrismaPg } = require('@prisma/adapter-pg')
    const { PrismaClient } = require('./generated')
    async function main() {
      const connectionString = process.argv[2] ?? process.env.DATABASE_URL
      const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) })
      await prisma.user.create({ data: { name: 'ada', email: 'ada@example.org' } })
      const [, users] = await prisma.$transaction([prisma.user.create({ data: { name: 'grace' } }), prisma.user.findMany()])
      console.log(JSON.stringify(users))
      await prisma.$disconnect()
    }
    main()`,
}
const USERS = [
  { id: 1, name: 'ada', email: 'ada@example.org' },
  { id: 2, name: 'grace', email: null },
]

const usersOf = async (root: string, env: Readonly<Record<string, string>>, ...args: string[]) => {
  const command = [path.join(root, 'app.cjs'), ...args]
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    env: { ...process.env, ...env },
  })
  return JSON.parse(stdout) as unknown
}

// oxlint-disable-next-line vitest/no-conditional-tests -- what is not installed cannot be tried
if (typeof prisma === 'string') {
  // oxlint-disable-next-line vitest/expect-expect -- it says why nothing was tried
  test('Prisma finds the database of its file', ({ skip }) => skip(prisma))
} else {
  const prismaProject = async () => {
    const root = await project(FILES)
    await symlink(path.join(prisma.folder, 'node_modules'), path.join(root, 'node_modules'), 'dir')
    await generateClient(prisma.folder, root)
    return root
  }

  test('Prisma finds the database of its file in DATABASE_URL, migrated', async () => {
    const root = await prismaProject()
    const run = await startRun({ migrate: './prisma/migrations' }, { root })
    for (const instance of [await run.open(), await run.open()])
      expect(await usersOf(root, instance.env)).toEqual(USERS)
  })

  test('Prisma with an address in the code finds the server of its file', async () => {
    const root = await prismaProject()
    const run = await startRun(
      {
        isolation: 'server',
        migrate: './prisma/migrations',
        users: { app: 'app' },
        databases: ['app_test'],
        redirect: ['localhost:5432'],
      },
      { root },
    )
    const url = 'postgresql://app:app@localhost:5432/app_test'
    for (const instance of [await run.open(), await run.open()])
      expect(await usersOf(root, instance.env, url)).toEqual(USERS)
  })
}
