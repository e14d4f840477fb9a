import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import type { Engine } from '@vitest-lanes/server'
import { bisect, json, lanes, reset } from '../faults/command.ts'
import type { Place } from '../faults/command.ts'
import type { Outcome } from '../outcome.ts'
import { serve } from '../serve.ts'
import { MIGRATIONS, REPORTED, openSuite } from './project.ts'

export interface SeedOptions {
  readonly engine: Engine | undefined
  readonly say: (line: string) => void
}

/** What its files really meet on: the queue, which each file's clean-up obliterates, and tables, which it empties. */
const TRUE_CAUSE = /^redis: .*queue|^postgres: both write table public\.(job_status|organizations|courses)/
const DATABASE = 'seed_suite'
/** One may be what disturbs, and another what makes the two meet. */
const MOST_FILES = 2

interface Failing {
  readonly file: string
  readonly name: string
  readonly failures: number
  readonly failedIn: readonly { readonly run: number }[]
}

interface Found {
  readonly kind: string
  readonly sentence: string
  readonly trials: number
  readonly causes: readonly {
    readonly relation: string
    readonly files: readonly { readonly file: string; readonly ground: Ground }[]
  }[]
}

interface Ground {
  readonly source: string
  readonly on: readonly string[]
}

/** Those files on one Redis and one database: bisect has to say why they fail together. */
export async function seed({ engine, say }: SeedOptions): Promise<Outcome> {
  const options = engine === undefined ? {} : { engine }
  await using cache = await serve(redis(options))
  await using database = await serve(postgres({ ...options, migrate: MIGRATIONS }))
  await using suite = await openSuite()
  const place: Place = {
    root: suite.root,
    env: { ...cache.env, ...suiteDatabase(database.env), NO_COLOR: '1' },
  }
  const audited = await lanes(place, 'audit', '--json')
  if (audited.code !== 0) throw new Error(`The suite does not pass file by file: ${audited.stderr}`)
  await reset(place)
  const failing = json(await lanes(place, 'stress', '--runs', '2', '--seed', '1', '--json'))['failing']
  const chosen = REPORTED.flatMap((file) => (failing as Failing[]).find((test) => test.file === file) ?? [])
  say(`${(failing as Failing[]).length} tests failed; ${chosen.length} of them are looked into`)
  const failures = chosen.length === 0 ? ['no file of those that are reported failed'] : []
  for (const test of chosen) {
    const wrong = await look(test, place, say)
    if (wrong !== undefined) failures.push(`${test.file} > ${test.name}: ${wrong}`)
  }
  return { summary: `${chosen.length} tests that fail among others`, failures }
}

/** A database of the suite's own, which `reset` makes from the migrated one. */
function suiteDatabase(env: Readonly<Record<string, string>>): Record<string, string> {
  const url = new URL(env['DATABASE_URL']!)
  url.pathname = `/${DATABASE}`
  return { ...env, CLEAN_DATABASE: env['PGDATABASE']!, PGDATABASE: DATABASE, DATABASE_URL: url.href }
}

async function look(test: Failing, place: Place, say: SeedOptions['say']): Promise<string | undefined> {
  const record = `.vitest-lanes/stress/${test.failedIn[0]!.run}.json`
  const name = `${test.file} > ${test.name}`
  const ended = await bisect(place, name, record)
  if (ended.code !== 0) return `status ${ended.code}: ${ended.stderr || ended.stdout}`
  const { causes, sentence, trials } = json(ended) as unknown as Found
  const [cause] = causes
  say(`${sentence}  (${trials} trials)`)
  for (const { file, ground } of cause?.files ?? []) say(`  ${file}: ${ground.on.join('; ')}`)
  if (cause === undefined || cause.files.length > MOST_FILES) return `expected one file, or two: ${sentence}`
  const untold = cause.files.find(
    ({ ground }) => ground.source !== 'audit' || !ground.on.some((on) => TRUE_CAUSE.test(on)),
  )
  return untold && `expected what both touch to tell why, of ${untold.file}: ${untold.ground.on.join('; ')}`
}
