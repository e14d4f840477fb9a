import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { begun, overlapping } from '../support/overlap.ts'
import { recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import { config, file, tag } from '../support/sources.ts'

const AROUND = "setupFiles: ['./around.ts']"

function files(folder: string, count: number, body: string, head = ''): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${folder}/${index + 1}.test.ts`, file(body, head)]),
  )
}

test('files run beside each other as far as their claims allow', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(
      `{
        lanes: 8,
        resources: { key: { instances: 3 }, one: {}, map: {}, box: told('box') },
        files: {
          'key/**': ['key'],
          'one/**': ['one'],
          'map/**': ['map/shared'],
          'one-by-one/**': ['sequential'],
          'alone/**': ['alone'],
          'last-line/**': ['alone'],
          'last-line/wins/**': [],
        },
      }`,
      `{ ${AROUND} }`,
    ),
    ...files('key', 3, "hold('key'); await meet('keys', 3)"),
    ...files('one', 3, ''),
    ...files('map', 2, "await meet('map', 2)"),
    ...files('one-by-one', 3, "await until((told) => told.some(({ what }) => what === 'plain'))"),
    ...files('alone', 2, ''),
    ...files('last-line/wins', 1, "tell('plain')"),
    ...files('tagged', 2, "hold('box')", tag('box') + tag('one/shared')),
  })

  const run = await project.run()

  expect(run.code).toBe(0)
  expect(Object.values(recorded(run)).filter((outcome) => outcome !== 'passed')).toEqual([])
  for (const folder of ['one/', 'one-by-one/']) expect(overlapping(run.events, folder)).toEqual([])
  const all = overlapping(run.events, '')
  expect(all.filter((name) => name.startsWith('alone/'))).toEqual([])
  const held = run.events.filter(({ what, resource }) => what === 'hold' && resource === 'key')
  expect(new Set(held.map(({ number }) => number))).toEqual(new Set([1, 2, 3]))
  expect(run.record?.files.find((one) => one.file === 'tagged/1.test.ts')?.claims).toEqual([
    { resource: 'box', mode: 'exclusive' },
    { resource: 'one', mode: 'shared' },
  ])
  // `VITEST_POOL_ID` is the lane: from 1 to their number, and of one live file at a time.
  const live = new Map<unknown, string>()
  for (const { what, file: name = '', lane } of run.events) {
    if (what === 'end') live.delete(lane)
    if (what !== 'begin') continue
    expect(lane).toBeOneOf([1, 2, 3, 4, 5, 6, 7, 8])
    expect(live.get(lane)).toBeUndefined()
    live.set(lane, name)
  }
})

test('projects with their own pools share the lanes, and a serial one stays serial', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(
      "{ lanes: 4, resources: { box: told('box') }, files: { 'server/**': ['box'] } }",
      `{
        projects: [
          { extends: true, test: { name: 'unit', include: ['unit/**/*.test.ts'], pool: 'threads', ${AROUND} } },
          { extends: true, test: { name: 'server', include: ['server/**/*.test.ts'], fileParallelism: false, ${AROUND} } },
          { extends: true, test: { name: 'odd', include: ['odd/**/*.test.ts'], pool: 'vmForks', maxWorkers: 2, ${AROUND} } },
          { extends: true, test: { name: 'single', include: ['single/**/*.test.ts'], maxWorkers: 1, ${AROUND} } },
        ],
      }`,
    ),
    ...files('unit', 4, "tell('unit'); await meet('units', 2)"),
    ...files(
      'server',
      3,
      "hold('box'); await until((told) => told.filter(({ what }) => what === 'unit').length === 4)",
    ),
    ...files('odd', 3, ''),
    ...files('single', 3, ''),
  })

  const run = await project.run()

  expect(run.code).toBe(0)
  expect(run.report?.numPassedTests).toBe(13)
  for (const folder of ['server/', 'single/']) expect(overlapping(run.events, folder)).toEqual([])
  expect(run.record?.lanes).toBe(4)
  const of = (name: string) => run.record!.files.filter((one) => one.project === name)
  expect(of('unit').map(({ pid }) => pid)).toEqual([undefined, undefined, undefined, undefined])
  expect(new Set(of('server').map(({ pid }) => pid)).size).toBe(3)
})

test('maxWorkers, wherever it is set, is a cap on lanes; fileParallelism: false makes one', async () => {
  await using project = await createProject({
    'lanes.mjs': `
      import { readFileSync, rmSync } from 'node:fs'
      import { startVitest } from 'vitest/node'
      import { lanes } from 'vitest-lanes'
      const counts = []
      for (const [options, cli, env] of [
        [{}, {}],
        [{ lanes: 3 }, {}],
        [{ lanes: 3 }, { maxWorkers: 2 }],
        [{ lanes: 3 }, { maxWorkers: 5 }],
        [{}, { maxWorkers: 5 }],
        [{}, { fileParallelism: false }],
        [{ lanes: 3 }, { fileParallelism: false }],
        [{ lanes: 3 }, {}, '2'],
      ]) {
        if (env) process.env.VITEST_MAX_WORKERS = env
        const config = { configFile: false, plugins: [lanes({ resources: { box: {} }, ...options })] }
        const vitest = await startVitest('test', [], { watch: false, reporters: [], ...cli }, config)
        await vitest.close()
        counts.push(JSON.parse(readFileSync('.vitest-lanes/run.json', 'utf8')).lanes)
      }
      console.log('counts ' + JSON.stringify(counts))
    `,
    'a.test.ts': file(''),
  })

  const run = await project.script('lanes.mjs').ended

  expect(run.code).toBe(0)
  const usual = Math.max(4, availableParallelism())
  expect(run.stdout).toContain(`counts ${JSON.stringify([usual, 3, 2, 3, Math.min(usual, 5), 1, 1, 2])}`)
})

test.each(['forks', 'threads', 'vmForks', 'vmThreads'] as const)(
  'with isolate: false files without claims share the worker of their lane (%s)',
  async (pool) => {
    await using project = await createProject({
      'vitest.config.ts': config(
        "{ lanes: 2, resources: { box: told('box') }, files: { 'box/**': ['box'], 'serial/**': ['sequential'] } }",
        `{ ${AROUND}, isolate: false, pool: '${pool}' }`,
      ),
      ...files('box', 3, 'expect(process.env.BOX_URL).toMatch(/^told:/)'),
      ...files('plain', 4, 'expect(process.env.BOX_URL).toBeUndefined()'),
      ...files('serial', 2, ''),
    })

    const run = await project.run()

    expect(run.code).toBe(0)
    expect(run.report?.numPassedTests).toBe(9)
    const workers = (folder: string) =>
      run.events
        .filter(({ what, file: name }) => what === 'begin' && name?.startsWith(folder))
        .map(({ pid, thread }) => `${pid} ${String(thread)}`)
    // Each file with a claim has a worker to itself.
    expect(new Set(workers('box')).size).toBe(3)
    expect(workers('').filter((worker) => workers('box').includes(worker))).toHaveLength(3)
    const shared = new Set([...workers('plain'), ...workers('serial')])
    // As many as there are lanes, and one that was there before a lane's first file with a claim.
    expect(shared.size).toBeLessThanOrEqual(4)
    expect(shared.size).toBeGreaterThanOrEqual(1)
  },
)

test('with isolate: false and one lane, files share one process, as in plain Vitest', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(
      "{ lanes: 1, resources: { box: told('box') } }",
      `{ ${AROUND}, isolate: false, maxWorkers: 1 }`,
    ),
    ...files('plain', 5, "console.log('said')"),
  })

  const stock = await project.run([], { env: { STOCK: '1' } })
  const run = await project.run()

  for (const { code, events } of [stock, run]) {
    expect(code).toBe(0)
    expect(new Set(events.filter(({ what }) => what === 'begin').map(({ pid }) => pid)).size).toBe(1)
  }
})

test('an order that the user has chosen is kept: shuffled by a seed, or by a sequencer', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(
      "{ lanes: 1, resources: { box: told('box') }, files: { '**': ['box'] } }",
      `{
        ${AROUND},
        maxWorkers: 1,
        sequence: process.env.REVERSED ? { sequencer: (await import('./reversed.ts')).Reversed } : {},
      }`,
    ),
    'reversed.ts': `
      import { BaseSequencer } from 'vitest/node'
      export class Reversed extends BaseSequencer {
        async sort(specs) {
          return [...specs].sort((a, b) => (a.moduleId < b.moduleId ? 1 : -1))
        }
      }`,
    ...files('some', 5, ''),
  })
  const shuffled = ['--sequence.shuffle.files', '--sequence.seed=42']

  const stock = await project.run(shuffled, { env: { STOCK: '1' } })
  const run = await project.run(shuffled)
  const reversed = await project.run([], { env: { REVERSED: '1' } })

  expect(begun(run.events)).toEqual(begun(stock.events))
  expect(run.record?.seed).toBe(42)
  expect(begun(reversed.events)).toEqual([5, 4, 3, 2, 1].map((number) => `some/${number}.test.ts`))
})

test('the files of all shards are those of the whole run, each once', async () => {
  await using project = await createProject({
    'vitest.config.ts': config("{ resources: { box: told('box') }, files: { '**': ['box'] } }"),
    ...files('some', 5, ''),
  })

  const shards = [await project.run(['--shard=1/2']), await project.run(['--shard=2/2'])]

  expect(shards.map(({ code }) => code)).toEqual([0, 0])
  expect(shards.map(({ record }) => record?.shard)).toEqual([
    { index: 1, count: 2, plan: expect.any(String) },
    { index: 2, count: 2, plan: expect.any(String) },
  ])
  const names = shards.flatMap((run) => Object.keys(recorded(run)))
  expect(names.toSorted()).toEqual([1, 2, 3, 4, 5].map((number) => `some/${number}.test.ts`))
})
