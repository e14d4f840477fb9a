import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import type { Project, StartedRun, VitestRun } from '../support/project.ts'
import { events } from '../support/in-project/events.ts'
import { canOpenTerminal, withoutEscapes } from '../support/terminal.ts'
import { inBoth } from './compare.ts'

const CONFIG = `
  import { lanes } from 'vitest-lanes'
  import { tell } from './events.ts'
  import { told } from './provider.ts'
  const watches = {
    name: 'watches',
    configureServer({ watcher }) {
      const timer = setInterval(() => {
        if (!Object.values(watcher.getWatched()).flat().includes('b.test.ts')) return
        clearInterval(timer)
        tell('watches')
      }, 10).unref()
    },
  }
  export default {
    plugins: process.env.STOCK === undefined
      ? [watches, lanes({ lanes: 2, resources: { box: told('box') }, files: { 'boxes/**': ['box'] } })]
      : [watches],
    test: {
      projects: [
        { extends: true, test: { name: 'boxes', include: ['boxes/**/*.test.ts'] } },
        { extends: true, test: { name: 'plain', include: ['plain/**/*.test.ts'] } },
      ],
    },
  }
`

/** Two tests that tell when they run; the second can be made to fail. */
const tests = (name: string, fails = false): string => `
  import { expect, test } from 'vitest'
  import { tell } from '/events.ts'
  test('first', () => tell('ran', { test: '${name} first' }))
  test('second', () => { tell('ran', { test: '${name} second' }); expect(${fails}).toBe(false) })
`

const snapshot = (value: number): Record<string, string> => ({
  'plain/c.test.ts': `${tests('c')}
  test('third', () => { tell('ran', { test: 'c third' }); expect(${value}).toMatchSnapshot() })`,
})

const FILES = {
  'vitest.config.ts': CONFIG,
  'boxes/a.test.ts': tests('a'),
  'boxes/b.test.ts': tests('b'),
  'plain/c.test.ts': tests('c'),
}

/** Does one thing, and says what it is. */
type Step = readonly [what: string, act: (run: StartedRun, project: Project) => Promise<unknown>]

const press = (key: string) => async (run: StartedRun) => run.type(key)

/** Answers a question that a key asks. */
const answer = (key: string, question: string, text: string, shown: string) => async (run: StartedRun) => {
  run.type(key)
  await run.until((output) => withoutEscapes(output).includes(question))
  run.type(text)
  await run.until((output) => withoutEscapes(output).split(question).at(-1)!.includes(shown))
  run.type('\r')
}

const STEPS: readonly Step[] = [
  ['at the start, all', async () => {}],
  ['a: all again', press('a')],
  ['p: a path', answer('p', 'Input filename pattern', 'plain', 'matches 1 result')],
  ['t: a name', answer('t', 'Input test name pattern', 'second', 'Pattern matches')],
  ['a: all, without the name', press('a')],
  ['an edit: its file alone', (_, project) => project.write({ 'boxes/b.test.ts': tests('b', true) })],
  ['f: what failed', press('f')],
  ['w: a project', answer('w', 'Input a single project name', 'plain', 'plain')],
  ['r: the same again', press('r')],
  ['an edit: a new snapshot', (_, project) => project.write(snapshot(1))],
  ['an edit: a snapshot that differs', (_, project) => project.write(snapshot(2))],
  ['u: snapshots', press('u')],
]

describe.runIf(canOpenTerminal())('Watch mode', () => {
  test('runs for each key and each edit what plain Vitest runs, with servers started once; q leaves nothing behind', async () => {
    const { stock, lanes } = await inBoth(async (env) => {
      await using project = await createProject(FILES)
      const steps = await watched(project, env)
      return { ...steps, snapshots: await project.read('plain/__snapshots__/c.test.ts.snap') }
    })

    expect(lanes.ran).toEqual(stock.ran)
    expect(lanes.snapshots).toEqual(stock.snapshots)
    expect(lanes.snapshots).toContain('`2`')
    expect(lanes.ran['an edit: its file alone']).toEqual(['b first', 'b second'])
    expect(lanes.run.code).toBe(stock.run.code)
    const count = (what: string) => lanes.run.events.filter((event) => event.what === what).length
    expect([count('start'), count('stop')]).toEqual([1, 1])
    expect(count('dispose')).toBe(count('open'))
    expect(count('open')).toBeLessThanOrEqual(4)
  })

  test('begins anew after an edit of the configuration, with servers of its own', async () => {
    const { stock, lanes } = await inBoth(async (env) => {
      await using project = await createProject(FILES)
      return await watched(project, env, [
        ['at the start, all', async () => {}],
        ['an edit of the configuration: all again', () => replaceConfig(project)],
        ['a: all again', press('a')],
      ])
    })

    expect(lanes.ran).toEqual(stock.ran)
    expect(lanes.run.code).toBe(stock.run.code)
    const count = (what: string) => lanes.run.events.filter((event) => event.what === what).length
    expect([count('start'), count('stop')]).toEqual([2, 2])
    expect(count('dispose')).toBe(count('open'))
  })

  test('that stands by (`--standalone`) runs what is edited', async () => {
    const { stock, lanes } = await inBoth(async (env) => {
      await using project = await createProject(FILES)
      const steps: readonly Step[] = [
        // Vitest stands by before it watches the files: an edit until then is missed, in plain Vitest too (5.1.1).
        ['at the start, none', (run) => run.told((all) => all.some(({ what }) => what === 'watches'))],
        ['an edit: its file alone', () => project.write({ 'boxes/b.test.ts': tests('b', true) })],
        ['a: all', press('a')],
      ]
      return await watched(project, env, steps, '--standalone')
    })

    expect(lanes.ran).toEqual(stock.ran)
    expect(lanes.ran['an edit: its file alone']).toEqual(['b first', 'b second'])
    expect(lanes.run.code).toBe(stock.run.code)
  })

  test('is ended by Ctrl-C in the middle of a file, and leaves nothing behind', async () => {
    const { stock, lanes } = await inBoth(async (env) => {
      await using project = await createProject({
        ...FILES,
        'boxes/b.test.ts':
          "import { test } from 'vitest'\nimport { forever, tell } from '/events.ts'\ntest('waits', () => { tell('waits'); return forever() }, 0)\n",
      })
      const run = project.vitest(['--watch'], { env, columns: 100 })
      await run.told((all) => all.some(({ what }) => what === 'waits'))
      run.type('\u0003')
      return await run.ended
    })

    expect(lanes.code).toBe(stock.code)
    const count = (what: string) => lanes.events.filter((event) => event.what === what).length
    expect([count('start'), count('stop')]).toEqual([1, 1])
    expect(count('dispose')).toBe(count('open'))
  })
})

/** All at once: one that is written while it is read is an error, also in plain Vitest. */
async function replaceConfig({ root }: Project): Promise<void> {
  await writeFile(`${root}.new`, CONFIG.replace('lanes: 2', 'lanes: 3'))
  await rename(`${root}.new`, join(root, 'vitest.config.ts'))
}

/** Takes all steps, then quits. Returns which tests each has run. */
async function watched(
  project: Project,
  env: Readonly<Record<string, string>>,
  steps = STEPS,
  how = '--watch',
): Promise<{ ran: Record<string, string[]>; run: VitestRun }> {
  const started = project.vitest([how], { env, columns: 100 })
  const ran: Record<string, string[]> = {}
  let before = 0
  for (const [index, [what, act]] of steps.entries()) {
    await act(started, project)
    await started.until((output) => ends(output) > index)
    const all = events(join(project.root, 'events.jsonl')).filter((event) => event.what === 'ran')
    ran[what] = all
      .slice(before)
      .map((event) => String(event['test']))
      .sort()
    before = all.length
  }
  started.type('q')
  return { ran, run: await started.ended }
}

/** How many runs have ended. */
function ends(output: string): number {
  return withoutEscapes(output).split(/(?:Waiting|Watching) for file changes/).length - 1
}
