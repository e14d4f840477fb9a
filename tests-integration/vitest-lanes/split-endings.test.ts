import { describe, expect, test } from 'vitest'
import { reported, runReported } from '../compat/compare.ts'
import { snapshotFiles, suite } from '../compat/suite.ts'
import { outcomes } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import { tag } from '../support/sources.ts'
import { THREE, runSplit, runsIn, splitProject } from './split-project.ts'

const STOCK = { env: { STOCK: '1' } }
const AGAIN = { 'tests/a.test.ts': '3 parts, then whole' }
const WHOLE = { 'tests/a.test.ts': 'whole' }

describe('a file whose parts do not end as the file does is run again whole', () => {
  test('one that fails, which is then reported once, as plain Vitest does', async () => {
    await using project = await createProject(
      splitProject({
        'tests/a.test.ts': `${THREE}
          test('d', () => expect(process.env.FAIL).toBeUndefined())`,
      }),
    )
    const run = await runSplit(project, [], { env: { FAIL: '1' } })
    expect(runsIn(run)).toEqual(AGAIN)
    const seen = outcomes(project, run)
    const stock = await project.run([], { env: { ...STOCK.env, FAIL: '1' } })
    expect(seen).toEqual(outcomes(project, stock))
    expect([run.code, stock.code]).toEqual([1, 1])
    expect(run.report?.numFailedTests).toBe(1)
    expect(run.record?.findings).toEqual([])
  })

  test('one with an unhandled error, which is then reported once', async () => {
    await using project = await createProject(
      splitProject({
        'tests/a.test.ts': `${THREE}
          test('d', async () => {
            if (process.env.FAIL) void Promise.reject(new Error('nobody caught this'))
            await new Promise((done) => setTimeout(done, 30))
          })`,
      }),
    )
    const run = await runSplit(project, [], { env: { FAIL: '1' } })
    expect(runsIn(run)).toEqual(AGAIN)
    expect(run.code).toBe(1)
    expect(run.stderr.split('Error: nobody caught this')).toHaveLength(2)
  })

  test('one with a test that needs an earlier test, which is told, and which is not split again', async () => {
    await using project = await createProject(
      splitProject({
        'tests/a.test.ts': `
          import { expect, test } from 'vitest'
          let made = false
          test('makes it', () => { made = true })
          test('lies between', () => {})
          test('uses it', () => expect(made).toBe(true))`,
      }),
    )
    const run = await runSplit(project)
    expect(run.code).toBe(0)
    expect(runsIn(run)).toEqual(AGAIN)
    expect(run.report).toMatchObject({ numTotalTests: 3, numPassedTests: 3 })
    expect(run.record?.findings).toMatchObject([
      { kind: 'depends-on-earlier-tests', file: 'tests/a.test.ts', test: 'uses it' },
    ])
    expect(run.record?.findings[0]?.message).toContain('`lies between`')
    expect(runsIn(await project.run())).toEqual(WHOLE)
    // Nor after it was changed.
    await project.write({ 'tests/a.test.ts': `${(await project.read('tests/a.test.ts'))!}// changed` })
    await project.run()
    expect(runsIn(await project.run())).toEqual(WHOLE)
  })

  test('one whose worker dies, while its other parts would go on for ever', async () => {
    await using project = await createProject(
      splitProject({
        'tests/a.test.ts': `
          import { existsSync, rmSync } from 'node:fs'
          import { test } from 'vitest'
          import { forever, tell, until } from '/events.ts'
          test('a', async () => {
            if (!existsSync('die')) return
            tell('hangs')
            await forever()
          })
          test('b', () => {})
          test('c', async () => {
            if (!existsSync('die')) return
            await until((told) => told.some(({ what }) => what === 'hangs'))
            rmSync('die')
            process.kill(process.pid, 'SIGKILL')
          })`,
      }),
    )
    await project.run()
    await project.write({ die: '' })
    const run = await project.run()
    expect(run.code).toBe(0)
    expect(runsIn(run)).toEqual(AGAIN)
    expect(run.report).toMatchObject({ numTotalTests: 3, numPassedTests: 3 })
    expect(run.record?.findings).toMatchObject([
      { kind: 'split-given-up', message: expect.stringContaining('SIGKILL') },
    ])
  })

  test('one in which a test is new, or gone, although its text is the same', async () => {
    await using project = await createProject(
      splitProject({
        'names.ts': "export const names = ['a', 'b', 'c', 'd']",
        'tests/a.test.ts':
          "import { test } from 'vitest'\nimport { names } from '../names.ts'\nfor (const name of names) test(name, () => {})",
      }),
    )
    await project.run()
    await project.write({ 'names.ts': "export const names = ['a', 'b', 'c', 'd', 'e']" })
    const added = await project.run()
    expect(runsIn(added)).toEqual(AGAIN)
    expect(added.report?.numPassedTests).toBe(5)
    await project.write({ 'names.ts': "export const names = ['a', 'b', 'c']" })
    const gone = await project.run()
    expect(runsIn(gone)).toEqual(AGAIN)
    expect(gone.report?.numPassedTests).toBe(3)
    await project.write({ 'names.ts': "export const names = ['a', 'x', 'c']" })
    const renamed = await project.run()
    expect(runsIn(renamed)).toEqual(AGAIN)
    expect(renamed.report?.numPassedTests).toBe(3)
    expect(runsIn(await project.run())).toEqual({ 'tests/a.test.ts': '3 parts' })
  })
})

describe('snapshots of a file in parts', () => {
  const SNAPSHOTS = `
    import { expect, test } from 'vitest'
    for (const name of ['a', 'b', 'c', process.env.ADDED ?? 'd']) test(name, () => expect(name).toMatchSnapshot())`

  test('that are obsolete or new are dealt with by the whole file, and none is lost', async () => {
    await using project = await createProject(splitProject({ 'tests/a.test.ts': SNAPSHOTS }))
    const path = 'tests/__snapshots__/a.test.ts.snap'
    // The first run writes them.
    await project.run()
    await project.run()
    const written = await project.read(path)
    expect(runsIn(await project.run())).toEqual({ 'tests/a.test.ts': '3 parts' })
    expect(await project.read(path)).toBe(written)

    const added = await project.run([], { env: { ADDED: 'e' } })
    expect(runsIn(added)).toEqual(AGAIN)
    expect((await project.read(path))?.match(/^exports/gm)).toHaveLength(5)

    // Now there is one that nothing uses.
    const obsolete = await project.run()
    expect(runsIn(obsolete)).toEqual(WHOLE)
    expect(obsolete.stdout).toContain('1 obsolete')
  })
})

describe('a file runs whole', () => {
  test.each([
    ['with -t', ['-t', 'a']],
    ['with --bail', ['--bail=1']],
    ['with -u', ['-u']],
    ['with --sequence.shuffle', ['--sequence.shuffle']],
    ['with --no-isolate', ['--no-isolate']],
    ['with --detectAsyncLeaks', ['--detectAsyncLeaks']],
    ['in vmThreads, whose workers are not isolated', ['--pool=vmThreads']],
    ['with a line', ['tests/a.test.ts:5']],
  ])('%s', async (_, args) => {
    await using project = await createProject(splitProject({ 'tests/a.test.ts': THREE }))
    const run = await runSplit(project, args)
    expect(runsIn(run)).toEqual(WHOLE)
    expect(run.code).toBe(0)
  })

  test.each([
    ['that is tagged', `${tag('unsplit')}${THREE}`],
    ['with tests of one name', `${THREE}\ntest('a', () => {})`],
    ['with an `only`', `${THREE}\ntest.only('d', () => {})`],
    ['with tests that are to run one after another', `${THREE}\ntest.sequential('d', () => {})`],
    ['with one test', "import { test } from 'vitest'\ntest('a', () => {})"],
  ])('%s', async (_, text) => {
    await using project = await createProject(splitProject({ 'tests/a.test.ts': text }))
    expect(runsIn(await runSplit(project))).toEqual(WHOLE)
  })

  test('that was changed, until it has run once', async () => {
    await using project = await createProject(splitProject({ 'tests/a.test.ts': THREE }))
    await project.run()
    await project.write({ 'tests/a.test.ts': `${THREE}\ntest('d', () => {})` })
    expect(runsIn(await project.run())).toEqual(WHOLE)
    expect(runsIn(await project.run())).toEqual({ 'tests/a.test.ts': '3 parts' })
  })

  test('where nothing was said of splitting', async () => {
    await using project = await createProject({
      ...splitProject({ 'tests/a.test.ts': THREE }),
      'vitest.config.ts': `
        import { defineConfig } from 'vitest/config'
        import { lanes } from 'vitest-lanes'
        import { told } from './provider.ts'
        export default defineConfig({
          plugins: [lanes({ lanes: 3, resources: { box: told('box') }, files: { 'tests/**': ['box'] } })],
        })`,
    })
    expect(runsIn(await runSplit(project))).toEqual(WHOLE)
    expect(await project.read('.vitest-lanes/history.json')).not.toContain('"split"')
  })
})

test('Ctrl-C ends all parts and leaves nothing behind', async () => {
  await using project = await createProject(
    splitProject({
      'tests/a.test.ts': THREE.replace("await meet('all parts', 3)", 'await new Promise(() => {})'),
    }),
  )
  await project.run()
  const started = project.start([], { env: { MEET: '1' } })
  await started.told((all) => all.filter(({ what }) => what === 'hold').length === 3)
  started.kill('SIGINT', 'group')
  const run = await started.ended
  expect(run.code).toBe(130)
  expect(run.record).toMatchObject({ outcome: 'interrupted', files: [{ outcome: 'cancelled' }] })
})

test('files that end in every way that Vitest knows end in that way when all are split', async () => {
  const files = suite()
  const text = files['vitest.config.ts']!.replace(
    'lanes: 3,',
    "lanes: 3, split: { files: ['**'], parts: 2 },",
  )
  await using project = await createProject({ ...files, 'vitest.config.ts': text })
  const asWritten = () => project.write(snapshotFiles())
  const same = await reported(project, await runReported(project, [], STOCK))
  await asWritten()
  await runReported(project, [], {})
  await asWritten()
  const run = await runReported(project, [], {})
  expect(await reported(project, run)).toEqual(same)
  const split = Object.entries(runsIn(run)).filter(([, how]) => how === '2 parts')
  expect(split.map(([file]) => file).sort()).toEqual([
    'tests/mixed.test.ts',
    'tests/one/provided.test.ts',
    'tests/tagged.test.ts',
  ])
})
