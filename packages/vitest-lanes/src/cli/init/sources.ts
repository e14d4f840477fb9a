import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A line that someone has to look at. */
export interface Spot {
  readonly file: string
  readonly line: number
  readonly text: string
}

/** What test files say, and the code that they may import. */
export interface Sources {
  readonly tests: readonly string[]
  /** Globs of the directories whose tests use servers; all tests where that cannot be told. */
  readonly globs: readonly string[]
  /** Lines that go to Redis at its usual port whatever the variables say: a redirect sends them elsewhere. */
  readonly usualRedis: readonly Spot[]
  /** Lines that name the address of a PostgreSQL, and with it its user and database. */
  readonly hardCoded: readonly Spot[]
  /** Code that makes its own isolation of Vitest's pool id. */
  readonly poolIds: readonly Spot[]
}

const SERVER =
  /\b(?:REDIS_\w+|DATABASE_URL|PG(?:HOST|PORT|DATABASE)|ioredis|iovalkey|bullmq|createClient|PrismaClient|drizzle|knex|new (?:pg\.)?(?:Pool|Client)\b)/
const INTEGRATION = /(?:^|[/._-])(?:integration|int|e2e)(?:[/._-]|$)|tests?-integration/i
// A client that is told nothing goes to the usual port.
const USUAL_REDIS = /(?:localhost|127\.0\.0\.1):6379\b|\bport:\s*6379\b|\bnew (?:IO)?Redis\(\s*\)/
const POSTGRES_ADDRESS = /(?:localhost|127\.0\.0\.1):5432\b/
const POOL_ID = /VITEST_(?:POOL|WORKER)_ID/
const MOST_GLOBS = 8

/** @param code all that may run in a test, perhaps the tests too */
export async function lookThroughSources(
  root: string,
  tests: readonly string[],
  code: readonly string[],
): Promise<Sources> {
  const all = [...new Set([...tests, ...code])]
  const texts = await Promise.all(
    all.map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8').catch(() => '') })),
  )
  const isTest = new Set(tests)
  const users = texts.filter(
    ({ file, text }) => isTest.has(file) && (INTEGRATION.test(file) || SERVER.test(text)),
  )
  return {
    tests,
    globs: globsOf(users.map(({ file }) => file)),
    // A variable with an address to fall back on is as good as a variable.
    usualRedis: spots(texts, (line) => USUAL_REDIS.test(line) && !line.includes('process.env')),
    hardCoded: spots(texts, (line) => POSTGRES_ADDRESS.test(line) && !line.includes('process.env')),
    poolIds: spots(texts, (line) => POOL_ID.test(line)),
  }
}

function spots(
  texts: readonly { readonly file: string; readonly text: string }[],
  isOne: (line: string) => boolean,
): Spot[] {
  return texts.flatMap(({ file, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (isOne(line) ? [{ file, line: index + 1, text: line.trim() }] : [])),
  )
}

/** The directories of these files, without those that lie in another of them. */
function globsOf(files: readonly string[]): string[] {
  const folders = [...new Set(files.map((file) => dirname(file)))].sort()
  const outer = folders.filter(
    (folder) => !folders.some((other) => other !== folder && `${folder}/`.startsWith(`${other}/`)),
  )
  if (outer.length === 0 || outer.length > MOST_GLOBS || outer.includes('.')) return ['**']
  return outer.map((folder) => `${folder}/**`)
}
