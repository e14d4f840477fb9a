import { describe, expect, test } from 'vitest'
import { reported, runReported } from '../compat/compare.ts'
import { createProject } from '../support/project.ts'
import type { Project } from '../support/project.ts'
import { RICH, THREE, runSplit, runsIn, splitProject } from './split-project.ts'

const STOCK = { env: { STOCK: '1' } }
const IN_PARTS = { 'tests/rich.test.ts': '3 parts' }

describe('a file in parts is reported as the same file run whole', () => {
  test.each(['forks', 'threads'])('in %s', async (pool) => {
    await using project = await createProject(splitProject(RICH, `{ pool: '${pool}' }`))
    const stock = await runReported(project, [], STOCK)
    const same = await reported(project, stock)
    const whole = await runReported(project, [], {})
    expect(await reported(project, whole)).toEqual(same)
    const parts = await runReported(project, [], {})

    expect(runsIn(parts)).toEqual(IN_PARTS)
    expect(await reported(project, parts)).toEqual(same)
    expect(parts.code).toBe(0)
    expect(parts.record).toMatchObject({ findings: [], files: [{ outcome: 'passed' }] })
    expect(parts.record?.files[0]?.tests).toEqual(whole.record?.files[0]?.tests)
  })

  test.each(['default', 'verbose', 'tree', 'dot', 'tap', 'tap-flat', 'junit', 'github-actions'])(
    'by the %s reporter, in the same order',
    async (reporter) => {
      await using project = await createProject(splitProject(RICH))
      const args = ['run', `--reporter=${reporter}`, '--no-color']
      await project.run()
      const stock = await project.vitest(args, STOCK).ended
      const parts = await project.vitest(args).ended

      expect(runsIn(parts)).toEqual(IN_PARTS)
      expect(printed(parts.stdout)).toEqual(printed(stock.stdout))
      expect(printed(parts.stderr)).toEqual(printed(stock.stderr))
    },
  )

  test('by a blob that is merged', async () => {
    await using project = await createProject(splitProject(RICH))
    await project.run()
    const stock = await merged(project, STOCK.env)
    const parts = await merged(project, {})
    expect(stock).toContain('with 2 > is told its number')
    expect(parts).toEqual(stock)
  })

  test('to a reporter that listens to every event', async () => {
    await using project = await createProject({ ...splitProject(RICH), 'listen.mjs': LISTENER })
    const args = ['run', '--reporter=./listen.mjs']
    await project.run()
    await project.vitest(args, STOCK).ended
    const stock = JSON.parse((await project.read('heard.json')) ?? '') as string[]
    const parts = await project.vitest(args).ended

    expect(runsIn(parts)).toEqual(IN_PARTS)
    const heard = JSON.parse((await project.read('heard.json')) ?? '') as string[]
    expect(heard).toEqual(stock)
    expect(stock.length).toBeGreaterThan(80)
  })
})

test('parts run at once, each in its own lane, process and with its own instance', async () => {
  await using project = await createProject(splitProject({ 'tests/three.test.ts': THREE }))
  const run = await runSplit(project, [], { env: { MEET: '1' } })

  expect(runsIn(run)).toEqual({ 'tests/three.test.ts': '3 parts' })
  const held = run.events.filter(({ what }) => what === 'hold')
  expect(held).toHaveLength(3)
  for (const field of ['pid', 'number', 'worker', 'pool'])
    expect([field, new Set(held.map((event) => event[field])).size]).toEqual([field, 3])
  const [file] = run.record!.files
  const parts = file!.parts!.toSorted((a, b) => a.lane! - b.lane!)
  expect(parts.map(({ tests, lane, instances }) => [tests, lane, instances])).toEqual(
    [1, 2, 3].map((number) => [1, number, { box: expect.any(Number) }]),
  )
  expect(run.report).toMatchObject({ numTotalTests: 3, numPassedTests: 3 })
})

test('a file that is split counts in summary and timeline', async () => {
  await using project = await createProject(splitProject({ 'tests/three.test.ts': THREE }))
  const run = await runSplit(project)
  expect(run.stdout).toMatch(/ lanes {2}3 lanes · 1 file · /)
  expect(await project.read('.vitest-lanes/timeline.html')).toContain('tests/three.test.ts (part 2 of 3)')
})

test('in watch mode a file that runs again is in parts again', async () => {
  await using project = await createProject(splitProject({ 'tests/three.test.ts': THREE }))
  await project.run()
  const started = project.vitest(['--watch'])
  await started.until((output) => output.includes('Waiting for file changes'))
  // The same text: its tests are known.
  await project.write({ 'tests/three.test.ts': THREE })
  await started.until((output) => output.split('Waiting for file changes').length === 3)
  started.kill('SIGTERM')
  const run = await started.ended
  expect(run.code).toBe(143)
  expect(runsIn(run)).toEqual({ 'tests/three.test.ts': '3 parts' })
  expect(run.events.filter(({ what }) => what === 'hold')).toHaveLength(6)
})

/** In order, without times and our own lines. */
function printed(text: string): string[] {
  return text
    .replaceAll(/^ lanes .*(\n {8}.*)*$/gm, '')
    .replaceAll(/\s*<properties>[\s\S]*?<\/properties>/g, '')
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/\b[\d.]+ ?(ms|s)\b/g, 'TIME')
        .replaceAll(/ (time|timestamp|hostname)="[^"]*"/g, '')
        .replaceAll(/# time=\S+/g, '')
        .replace(/(Start at|Duration) .*/, '$1')
        .trim(),
    )
    .filter((line) => line !== '')
}

async function merged(project: Project, env: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = env['STOCK'] === undefined ? 'blobs-parts' : 'blobs-stock'
  const written = await project.vitest(['run', '--reporter=blob', `--outputFile=${folder}/blob.json`], {
    env,
  }).ended
  expect(written.code).toBe(0)
  const args = ['run', `--merge-reports=${folder}`, '--reporter=verbose', '--no-color']
  return printed((await project.vitest(args, STOCK).ended).stdout)
    .map((line) => line.replace(/.*(✓|↓|×)/, '$1'))
    .filter((line) => /^[✓↓×]/.test(line))
    .map((line) => line.replace(/^. \S+ > /, '').replace(/ TIME$/, ''))
}

const LISTENER = `
import { writeFileSync } from 'node:fs'
const heard = []
const note = (what, entity, more = '') => heard.push([what, entity.fullName ?? entity.relativeModuleId ?? entity.moduleId.split('/').at(-1), more].join(' '))
const state = (entity) => typeof entity.state === 'function' ? entity.state() : entity.result().state
export default class {
  onTestModuleQueued(module) { note('queued', module) }
  onTestModuleCollected(module) { note('collected', module, [...module.children.allTests()].map((test) => test.options.mode).join()) }
  onTestModuleStart(module) { note('start', module) }
  onTestModuleEnd(module) { note('end', module, state(module) + JSON.stringify(module.errors())) }
  onTestSuiteReady(suite) { note('suite', suite, suite.options.mode) }
  onTestSuiteResult(suite) { note('suite result', suite, state(suite)) }
  onTestCaseReady(test) { note('test', test) }
  onTestCaseResult(test) { note('result', test, state(test) + JSON.stringify(test.meta()) + (test.diagnostic()?.retryCount ?? '') + (test.diagnostic()?.repeatCount ?? '')) }
  onTestCaseAnnotate(test, { message }) { if (!/lane/.test(message)) note('annotated', test, message) }
  onHookStart({ name, entity }) { note(name + ' begins', entity) }
  onHookEnd({ name, entity }) { note(name + ' ends', entity) }
  onTestRunEnd(modules, errors, reason) { writeFileSync('heard.json', JSON.stringify([...sorted(heard), reason, errors.length])) }
}
// What runs side by side ends in any order, and so does what is said of an annotation.
const sorted = (lines) => {
  const loose = (line) => / side by side > |^annotated /.test(line)
  return [...lines.filter((line) => !loose(line)), ...lines.filter(loose).sort()]
}
`
