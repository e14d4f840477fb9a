import { expect, test } from 'vitest'
import type { RunRecord } from '@vitest-lanes/core'
import type { Project } from '../support/project.ts'
import { config } from '../support/sources.ts'
import { lanesCommand, projectWith } from './support/command.ts'

const WAITS = `
import { test } from 'vitest'
for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
  test(name, () => new Promise((done) => setTimeout(done, 400)))`

const DEPENDS = `
import { expect, test } from 'vitest'
let made = false
test('makes it', () => { made = true })
test('lies between', () => {})
test('uses it', () => expect(made).toBe(true))`

const PROJECT = {
  'vitest.config.ts': config("{ lanes: 3, split: 'auto', resources: { box: told('box') }, files: {} }"),
  'tests/waits.test.ts': WAITS,
  'tests/depends.test.ts': DEPENDS,
  'tests/ordered.test.ts':
    "import { test } from 'vitest'\ntest.sequential('a', () => {})\ntest('b', () => {})",
}

test('certify-split says which files end alike in parts, and `auto` splits those that take long', async () => {
  await using project = await projectWith(PROJECT)
  // Nothing is known to be safe.
  await project.run()
  expect(await partsOf(project)).toEqual({})

  const certified = await lanesCommand(project.root, ['certify-split'])
  expect(certified.code).toBe(1)
  expect(certified.stdout.trim().split('\n')).toEqual([
    'whole  tests/depends.test.ts: `uses it` depends on earlier tests (first suspect: `lies between`)',
    'whole  tests/ordered.test.ts: it has `sequential` tests',
    'safe   tests/waits.test.ts',
  ])

  await knowTimes(project)
  const plan = await lanesCommand(project.root, ['plan'])
  expect(plan.stdout).toMatch(/^Split: tests\/waits\.test\.ts in 3 parts: about /m)
  const { code } = await project.run()
  expect(code).toBe(0)
  expect(await partsOf(project)).toEqual({ 'tests/waits.test.ts': 3 })
})

/** Takes long, and its last test needs the first. */
const LONG_DEPENDS = `
import { expect, test } from 'vitest'
let made = false
test('makes it', () => { made = true })
for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
  test(name, () => new Promise((done) => setTimeout(done, 600)))
test('uses it', () => expect(made).toBe(true))`

test('`auto` finds out by itself, one file a run, what is safe', async () => {
  await using project = await projectWith({
    'vitest.config.ts': config("{ lanes: 3, resources: { box: told('box') }, files: {} }"),
    'tests/depends.test.ts': LONG_DEPENDS,
    'tests/waits.test.ts': WAITS,
  })
  const run = async (depends: number): Promise<readonly [files: string[], findings: string[]]> => {
    await knowTimes(project, { depends, waits: 2500 })
    const { code, record } = await project.run()
    expect(code).toBe(0)
    return [Object.keys(await partsOf(project)), record!.findings.map(({ kind, file }) => `${kind} ${file}`)]
  }

  // That they take long, and which tests they have.
  expect(await run(4000)).toEqual([[], []])
  expect(await run(4000)).toEqual([[], []])
  // Its parts came to nothing, and it ran again whole.
  expect(await run(4000)).toEqual([
    ['tests/depends.test.ts'],
    ['depends-on-earlier-tests tests/depends.test.ts'],
  ])
  expect(await safety(project)).toEqual({
    'tests/depends.test.ts': 'unsafe',
    'tests/waits.test.ts': 'unknown',
  })
  expect(await run(100)).toEqual([['tests/waits.test.ts'], []])
  expect(await safety(project)).toEqual({ 'tests/depends.test.ts': 'unsafe', 'tests/waits.test.ts': 'safe' })
})

async function safety(project: Project): Promise<Record<string, string>> {
  const history = JSON.parse((await project.read('.vitest-lanes/history.json'))!) as {
    files: Record<string, { split?: { safe?: boolean; unsafe?: object } }>
  }
  return Object.fromEntries(
    Object.entries(history.files).map(([file, { split }]) => [
      file,
      split?.safe === true ? 'safe' : split?.unsafe === undefined ? 'unknown' : 'unsafe',
    ]),
  )
}

test('certify-split as JSON, of files that are named, ends with 0 if all of them are safe', async () => {
  await using project = await projectWith(PROJECT)
  const certified = await lanesCommand(project.root, ['certify-split', '--json', 'waits'])
  expect(JSON.parse(certified.stdout)).toEqual([{ file: 'tests/waits.test.ts', safe: true }])
  expect(certified.code).toBe(0)
})

/** As if the machine had been idle. */
async function knowTimes(
  project: Project,
  times: Readonly<Record<string, number>> = { waits: 2500 },
): Promise<void> {
  const text = await project.read('.vitest-lanes/history.json')
  if (text === undefined) return
  const history = JSON.parse(text) as {
    files: Record<string, { durations: number[]; split?: { overhead: number; cpu?: number } }>
  }
  for (const [name, file] of Object.entries(history.files)) {
    file.durations = [Object.entries(times).find(([part]) => name.includes(part))?.[1] ?? 100]
    if (file.split !== undefined) Object.assign(file.split, { overhead: 100, cpu: 100 })
  }
  await project.write({ '.vitest-lanes/history.json': JSON.stringify(history) })
}

async function partsOf(project: Project): Promise<Record<string, number>> {
  const record = JSON.parse((await project.read('.vitest-lanes/run.json')) ?? '{}') as RunRecord
  return Object.fromEntries(
    record.files.flatMap(({ file, parts }) => (parts === undefined ? [] : [[file, parts.length]])),
  )
}
