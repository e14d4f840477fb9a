import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { namedServer, SERVERS } from './support/named.ts'
import { ENGINES, project, query, startRun, urlOf, type Run } from './support/provider.ts'

/** MB. A template of 1 GB works as well, and takes as much memory for each clone: `LANES_TEST_TEMPLATE_MB=1024`. */
const LARGE = Number(process.env['LANES_TEST_TEMPLATE_MB'] ?? 150)

const [engine] = ENGINES

/** What is written to the log while a clone is made, in bytes: the more, the more of it went through the log. */
async function logged(run: Run, url: string): Promise<number> {
  const position = async () => Number((await query(url, LOG))[0]?.['bytes'])
  // Those that wait ahead are made when the first is taken, one after another.
  await run.open()
  const before = await position()
  await run.open()
  await run.open()
  return (await position()) - before
}

const LOG = `select pg_current_wal_insert_lsn() - '0/0' as bytes`
const FILLED =
  'create table filled as select repeat(md5(n::text), 10) as text from generate_series(1, 20000) n'

describe.each(SERVERS)('a clone on a named server, %s', (server) => {
  test.each(['wal_log', 'file_copy'] as const)('is made as is said: %s', async (strategy) => {
    const named = await namedServer(server, { wal_level: 'replica' })
    const root = await project({ 'm/1.sql': FILLED })
    const run = await startRun({ server: named.builder, migrate: './m', strategy }, { root, lanes: 1 })

    // The template has some 15 MB.
    expect((await logged(run, named.url)) > 8_000_000).toBe(strategy === 'wal_log')
  })
})

/** Every query takes several processes. */
const PARALLEL = '-c min_parallel_table_scan_size=0 -c parallel_setup_cost=0 -c parallel_tuple_cost=0'

test.each(ENGINES)(
  '%s: queries may take several processes, and a search for text has a language',
  async (own) => {
    const run = await startRun({ engine: own })
    const instance = await run.open()
    await query(instance, 'create table many as select n from generate_series(1, 1000) n')
    const parallel = { connectionString: urlOf(instance), options: PARALLEL }

    const plan = await query(parallel, 'explain select count(*) from many')

    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('Gather')
    expect(await query(parallel, 'select count(*)::int as count from many')).toEqual([{ count: 1_000 }])
    expect(await query(instance, "select to_tsvector('many cats')::text as words")).toEqual([
      { words: "'cat':2 'mani':1" },
    ])
  },
)

test.each(ENGINES)(
  '%s: the first file of a run gets the clone that was kept, with the settings of its template; the next get others',
  async (own) => {
    const root = await project({
      'm/1.sql': `create table jobs as select 1 as n;
        do $$ begin execute format('alter database %I set work_mem = ''7MB''', current_database()); end $$`,
    })
    const seen = []
    for (let round = 0; round < 2; round++) {
      const run = await startRun({ engine: own, migrate: './m' }, { root, lanes: 1 })
      const [first, second] = [await run.open(), await run.open()]
      await query(first, 'insert into jobs values (2)')
      for (const instance of [first, second]) {
        const [row] = await query(
          instance,
          `select (select count(*)::int from jobs), current_setting('work_mem') as memory,
            (select oid::int from pg_database where datname = current_database())`,
        )
        seen.push(row)
      }
      const names = await query(first, "select datname from pg_database where datname ~ 'lanes' order by 1")
      expect(names.filter(({ datname }) => datname === 'lanes_first')).toEqual([])
      await run.stop()
    }
    const [a, b, c, d] = seen
    expect(seen).toMatchObject([
      { count: 2, memory: '7MB' },
      { count: 1, memory: '7MB' },
      { count: 2, memory: '7MB' },
      { count: 1, memory: '7MB' },
    ])
    expect([a?.['oid'], b?.['oid'] === a?.['oid'], d?.['oid'] === c?.['oid']]).toEqual([
      c?.['oid'],
      false,
      false,
    ])
  },
)

/** What may happen to a kept archive: which, and to which of its bytes. */
const DAMAGES = [
  ['its beginning is not readable', 'data.tar', () => 0],
  ['what is unpacked late is not', 'late.tar', () => 0],
  // `tar` sees nothing of it.
  ['no server starts on it', 'data.tar', (bytes: Buffer) => bytes.indexOf('global/pg_control') + 512],
] as const

const KEPT = ENGINES.flatMap((own) =>
  (['database', 'server'] as const).flatMap((isolation) =>
    DAMAGES.map((damage) => [own, isolation, ...damage] as const),
  ),
)

test.each(KEPT)(
  '%s, a %s a file: what was kept and is damaged is made again, and no file fails of it: %s',
  { timeout: 60_000 },
  async (own, isolation, _, name, place) => {
    const root = await project({ 'm/1.sql': 'create table jobs as select 1 as n' })
    await chmod(root, 0o755)
    vi.stubEnv('TMPDIR', root)
    onTestFinished(() => void vi.unstubAllEnvs())
    const once = async () => {
      const run = await startRun({ engine: own, isolation, migrate: './m' }, { root, lanes: 1 })
      const rows = await query(await run.open(), 'select count(*)::int as count from jobs')
      await run.stop()
      return rows
    }
    await once()
    const archives = (await readdir(root, { recursive: true })).filter((file) => file.endsWith(name))
    for (const file of archives.map((each) => path.join(root, each))) {
      const bytes = await readFile(file)
      await writeFile(file, bytes.fill('x', place(bytes), place(bytes) + 8192))
    }

    // As initdb made it, and with the template.
    expect(archives).toHaveLength(2)
    expect(await once()).toEqual([{ count: 1 }])
  },
)

test.each(ENGINES)('%s: settings that it does not start with do no harm to what is kept', async (own) => {
  const root = await project({})
  await chmod(root, 0o755)
  vi.stubEnv('TMPDIR', root)
  onTestFinished(() => void vi.unstubAllEnvs())
  await (await startRun({ engine: own }, { root })).stop()
  // Each that is made has a number.
  const kept = async () => {
    const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('cluster.json'))
    return Promise.all(files.sort().map((file) => readFile(path.join(root, file), 'utf8')))
  }
  const before = await kept()
  await expect(startRun({ engine: own, settings: { no_such: '1' } }, { root })).rejects.toMatchObject({
    code: 'LANES_SERVER_START',
    message: expect.stringContaining('unrecognized configuration parameter "no_such"'),
  })
  expect(before).not.toEqual([])
  expect(await kept()).toEqual(before)
})

describe.skipIf(engine === undefined)('a large template', () => {
  test(`is migrated, sealed, kept and cloned: ${LARGE} MB`, { timeout: 300_000 }, async () => {
    const rows = LARGE * 900
    const root = await project({
      'm/1.sql': `create table large as select n as id, repeat('x', 1000) as text from generate_series(1, ${rows}) n;
        create index by_id on large (id);`,
    })
    const options = { ...(engine !== undefined && { engine }), migrate: './m' }
    // From the migrations, and then as it was kept.
    for (let round = 0; round < 2; round++) {
      const run = await startRun(options, { root, lanes: 1 })
      const instance = await run.open()
      const [size] = await query(instance, `select pg_database_size(current_database()) / 1048576 as mb`)
      expect(Number(size?.['mb'])).toBeGreaterThan(LARGE)
      expect(await query(instance, `select length(text) as length from large where id = ${rows}`)).toEqual([
        { length: 1000 },
      ])
      await query(instance, 'truncate large')
      const next = await run.open()
      expect(await query(next, 'select count(*)::int as count from large')).toEqual([{ count: rows }])
      await run.stop()
    }
  })
})
