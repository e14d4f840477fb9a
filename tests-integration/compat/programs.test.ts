import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { inBoth } from './compare.ts'
import { suite } from './suite.ts'

const SEEN = `
  import { writeFileSync } from 'node:fs'
  export const modulesOf = (modules) => modules
    .map((module) => [
      module.moduleId,
      module.state(),
      [...module.children.allTests()].map((test) => [test.fullName, test.result().state]),
    ])
    .sort(([one], [other]) => (one < other ? -1 : 1))
  export const write = (seen) => writeFileSync('seen.json', JSON.stringify(seen))
`

const STARTS = `
  import { startVitest } from 'vitest/node'
  import { modulesOf, write } from './seen.mjs'
  const vitest = await startVitest('test', ['tests/one', 'tests/box'], { watch: false, reporters: ['dot'] })
  const seen = {
    modules: modulesOf(vitest.state.getTestModules()),
    failed: vitest.state.getCountOfFailedTests(),
    errors: vitest.state.getUnhandledErrors().length,
    exitCode: process.exitCode,
  }
  await vitest.close()
  write(seen)
`

const CREATES = `
  import { createVitest } from 'vitest/node'
  import { modulesOf, write } from './seen.mjs'
  const heard = []
  const reporter = {
    onTestRunStart: (specs) => heard.push(['start', specs.length]),
    onTestRunEnd: (modules, errors, reason) => heard.push(['end', modules.length, errors.length, reason]),
  }
  const vitest = await createVitest('test', { watch: false, reporters: [reporter] })
  await vitest.standalone()
  const specs = await vitest.globTestSpecifications(['tests/box', 'tests/tagged'])
  const all = await vitest.runTestSpecifications(specs, true)
  const [tagged] = specs.filter(({ moduleId }) => moduleId.includes('tagged'))
  const again = await vitest.rerunTestSpecifications([tagged])
  const collected = await vitest.collect(['tests/one'])
  const seen = [all, again, collected].map(({ testModules, unhandledErrors }) => [modulesOf(testModules), unhandledErrors.length])
  await vitest.close()
  write({ seen, heard })
`

const PROGRAMS = { startVitest: STARTS, createVitest: CREATES }

describe('Programs', () => {
  test.each(Object.entries(PROGRAMS))('that call %s are told the same', async (_, text) => {
    await using project = await createProject({
      ...suite(),
      'seen.mjs': SEEN,
      'program.mjs': text,
    })
    const { stock, lanes } = await inBoth(async (env) => {
      const run = await project.script('program.mjs', { env }).ended
      return { run, seen: JSON.parse((await project.read('seen.json')) ?? 'null') as unknown }
    })

    expect(stock.seen).not.toBeNull()
    expect(lanes.seen).toEqual(stock.seen)
    expect(lanes.run.code).toBe(stock.run.code)
    const count = (what: string) => lanes.run.events.filter((event) => event.what === what).length
    expect([count('start'), count('stop')]).toEqual([1, 1])
    expect(count('dispose')).toBe(count('open'))
    expect(count('open')).toBeGreaterThan(0)
  })

  test('`vitest bench` measures the same benchmarks', async () => {
    await using project = await createProject({
      ...suite(),
      'tests/box/sums.bench.ts': `
        import { bench, describe } from 'vitest'
        const options = { time: 10, iterations: 3, warmupTime: 1, warmupIterations: 1 }
        describe('sums', () => { bench('of two', () => { 1 + 1 }, options); bench('of three', () => { 1 + 1 + 1 }, options) })`,
    })
    const { stock, lanes } = await inBoth(async (env) => {
      const args = ['bench', '--run', '--outputJson=bench.json']
      const run = await project.vitest(args, { env }).ended
      const names = [...((await project.read('bench.json')) ?? '').matchAll(/"name": "(.*?)"/g)].map(
        ([, name]) => name,
      )
      return { code: run.code, names }
    })
    expect(lanes).toEqual(stock)
  })
})
