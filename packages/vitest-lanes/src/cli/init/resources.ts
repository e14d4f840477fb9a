import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'tinyglobby'

/** A resource that a project's dependencies speak of. */
export interface FoundResource {
  readonly name: 'redis' | 'postgres'
  readonly package: string
  /** How it is written in the configuration: `postgres({ migrate: './drizzle' })`. */
  readonly expression: string
  /** What it was recognised by. */
  readonly because: string
}

const REDIS = ['bullmq', 'ioredis', 'iovalkey', 'redis', 'bull', 'bee-queue', '@redis/client']
const POSTGRES = [
  'pg',
  'postgres',
  '@prisma/client',
  'prisma',
  'drizzle-orm',
  'pg-boss',
  'graphile-worker',
  'node-pg-migrate',
  'slonik',
]
/** Folders of SQL that are migrations, the first that is there. */
const FOLDERS = [
  'prisma/migrations',
  'drizzle',
  'migrations',
  'db/migrations',
  'src/migrations',
  'sql/migrations',
]
/** Commands, for what is not a folder of SQL. */
const COMMANDS: Readonly<Record<string, string>> = {
  prisma: 'prisma db push',
  'drizzle-kit': 'drizzle-kit push --force',
  knex: 'knex migrate:latest',
  'node-pg-migrate': 'node-pg-migrate up',
  'kysely-ctl': 'kysely migrate:latest',
}

export async function findResources(
  root: string,
  dependencies: ReadonlySet<string>,
  { redirectRedis }: { readonly redirectRedis: boolean },
): Promise<FoundResource[]> {
  const found: FoundResource[] = []
  const redis = REDIS.find((name) => dependencies.has(name))
  if (redis !== undefined)
    found.push({
      name: 'redis',
      package: '@vitest-lanes/redis',
      expression: redirectRedis ? "redis({ redirect: ['localhost:6379'] })" : 'redis()',
      because: redis,
    })
  const postgres = POSTGRES.find((name) => dependencies.has(name))
  if (postgres !== undefined) {
    const migrate = await migrateOf(root, dependencies)
    found.push({
      name: 'postgres',
      package: '@vitest-lanes/postgres',
      expression: migrate === undefined ? 'postgres()' : `postgres({ migrate: '${migrate}' })`,
      because: postgres,
    })
  }
  return found
}

async function migrateOf(root: string, dependencies: ReadonlySet<string>): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const isFolder = await stat(join(root, folder)).then(
      (found) => found.isDirectory(),
      () => false,
    )
    if (isFolder && (await glob('**/*.sql', { cwd: join(root, folder) })).length > 0) return `./${folder}`
  }
  return Object.entries(COMMANDS).find(([name]) => dependencies.has(name))?.[1]
}
