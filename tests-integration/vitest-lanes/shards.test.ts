import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lanesCommand } from '../cli/support/command.ts'
import { createProject } from '../support/project.ts'
import type { Project, VitestRun } from '../support/project.ts'
import { config, file } from '../support/sources.ts'

const SECONDS = [9, 7, 5, 5, 4, 3, 2, 1]
const NAMES = SECONDS.map((_, index) => `tests/${index}.test.ts`)
const GLOBAL = ['tests/2.test.ts', 'tests/5.test.ts', 'tests/7.test.ts']

test('shards take equally long, run each file once, and keep the holders of a global resource together', async () => {
  await using project = await createProject(suite())

  const shards = [await shard(project, '1/3'), await shard(project, '2/3'), await shard(project, '3/3')]

  expect(shards.map(({ code }) => code)).toEqual([0, 0, 0])
  const given = shards.map(filesOf)
  expect(given.flat().sort()).toEqual(NAMES)
  // Nothing is left that would fill up the nine seconds of those that stay together to twelve.
  expect(given.map(secondsOf).sort((a, b) => a - b)).toEqual([11, 12, 13])
  expect(given.filter((names) => names.some((name) => GLOBAL.includes(name)))).toHaveLength(1)
  expect(new Set(shards.map(({ record }) => record?.shard?.plan)).size).toBe(1)
  expect(shards[0]?.stdout).toContain('shard 1/3:')
})

test('shards that run one after another in one folder run each file once, again and again', async () => {
  await using project = await createProject(suite())
  for (let round = 0; round < 2; round++) {
    const given: string[] = []
    for (const index of [1, 2, 3]) given.push(...filesOf(await project.run([`--shard=${index}/3`])))
    expect(given.sort()).toEqual(NAMES)
  }
})

test('a sequencer with shards of its own is left its way', async () => {
  await using project = await createProject({
    ...suite(),
    'vitest.config.ts': config(
      '{ lanes: 4, resources: { one: {} } }',
      `{ sequence: { sequencer: class extends BaseSequencer { async shard(files) { return files.slice(0, 1) } } } }`,
    ).replace('import', "import { BaseSequencer } from 'vitest/node'\nimport"),
  })

  const run = await shard(project, '2/3')

  expect(run.code).toBe(0)
  expect(filesOf(run)).toHaveLength(1)
  expect(run.record?.shard).toEqual({ index: 2, count: 3 })
})

test('what shards have left is merged into one history', async () => {
  await using project = await createProject(suite())
  const folders: string[] = []
  for (const index of [1, 2, 3]) {
    await shard(project, `${index}/3`)
    folders.push(await keep(project, `shard-${index}`))
  }
  await clearHistory(project)

  const merged = await lanesCommand(project.root, ['history', 'merge', ...folders])

  expect(merged).toMatchObject({ code: 0, stderr: '' })
  expect(merged.stdout).toContain('8 files of 3 histories')
  const history = JSON.parse((await project.read('.vitest-lanes/history.json')) ?? '{}')
  expect(Object.keys(history.files).sort()).toEqual(NAMES)
})

test('shards that did not divide the files in the same way are told when they are merged', async () => {
  await using project = await createProject(suite())
  await shard(project, '1/2')
  const first = await keep(project, 'shard-1')
  await project.write({ 'tests/8.test.ts': file('') })
  await shard(project, '2/2')
  const second = await keep(project, 'shard-2')

  const merged = await lanesCommand(project.root, ['history', 'merge', first, second])

  expect(merged.code).toBe(1)
  expect(merged.stderr).toContain('LANES_SHARDS_DIFFER')
})

test('a history that cannot be read is named, and nothing is written', async () => {
  await using project = await createProject({ ...suite(), 'broken.json': '{' })

  const broken = await lanesCommand(project.root, ['history', 'merge', 'broken.json'])
  const missing = await lanesCommand(project.root, ['history', 'merge', 'nowhere'])

  expect([broken.code, missing.code]).toEqual([2, 2])
  expect(broken.stderr).toContain('broken.json is not a history of vitest-lanes')
  expect(missing.stderr).toContain('LANES_HISTORY')
  expect(await project.read('.vitest-lanes/history.json')).toBeUndefined()
})

test('runs that end at the same time lose nothing of the history', async () => {
  await using project = await createProject({
    'vitest.config.ts': config('{ lanes: 2, resources: { one: {} } }'),
    ...suiteFiles(),
  })

  const runs = NAMES.slice(0, 4).map((name) => project.start([name], { unchecked: true }).ended)
  await Promise.all(runs)

  const history = JSON.parse((await project.read('.vitest-lanes/history.json')) ?? '{}')
  expect(Object.keys(history.files).sort()).toEqual(NAMES.slice(0, 4))
})

test('a file that was renamed keeps its history', async () => {
  const slow = file('await new Promise((done) => setTimeout(done, 1500))')
  await using project = await createProject({
    'vitest.config.ts': config('{ lanes: 2, resources: { one: {} } }'),
    'tests/old.test.ts': slow,
  })
  await project.run()
  await rm(join(project.root, 'tests/old.test.ts'))
  await project.write({ 'tests/new.test.ts': slow, 'tests/other.test.ts': file('') })

  const run = await project.run()

  const estimate = run.record?.files.find((one) => one.file === 'tests/new.test.ts')?.estimate
  expect(estimate).toBeGreaterThan(1500)
})

function suite(): Record<string, string> {
  return {
    'vitest.config.ts': config(`{
      lanes: 1,
      resources: { account: { scope: 'global' } },
      files: { 'tests/{2,5,7}.test.ts': ['account'] },
    }`),
    ...suiteFiles(),
  }
}

function suiteFiles(): Record<string, string> {
  return Object.fromEntries(NAMES.map((name) => [name, file('')]))
}

/** Each machine of a matrix starts with the same history. */
async function shard(project: Project, which: string): Promise<VitestRun> {
  const files = NAMES.map((name, index) => [
    name,
    { durations: [(SECONDS[index] ?? 0) * 1000], failed: false, at: '2026-01-01T00:00:00.000Z' },
  ])
  await clearHistory(project)
  await mkdir(join(project.root, '.vitest-lanes'), { recursive: true })
  await writeFile(
    join(project.root, '.vitest-lanes/history.json'),
    JSON.stringify({ version: 1, files: Object.fromEntries(files) }),
  )
  return project.run([`--shard=${which}`])
}

async function clearHistory(project: Project): Promise<void> {
  await rm(join(project.root, '.vitest-lanes/history.json'), { force: true })
}

/** Puts aside what a shard has left. */
async function keep(project: Project, name: string): Promise<string> {
  const folder = `${name}-${randomUUID()}`
  await project.write({
    [`${folder}/history.json`]: (await project.read('.vitest-lanes/history.json')) ?? '',
    [`${folder}/run.json`]: (await project.read('.vitest-lanes/run.json')) ?? '',
  })
  return folder
}

function filesOf({ record }: VitestRun): string[] {
  return (record?.files ?? []).map((one) => one.file)
}

function secondsOf(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (SECONDS[NAMES.indexOf(name)] ?? 0), 0)
}
