import { expect, test } from 'vitest'
import type { Event } from '../support/in-project/events.ts'
import { recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import type { VitestRun } from '../support/project.ts'
import { config, file } from '../support/sources.ts'

const count = (all: readonly Event[], what: string) => all.filter((event) => event.what === what).length

test('instances are opened when first wanted, cleaned once their process has exited, and taken away once', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(`{
      lanes: 2,
      resources: { box: told('box'), jar: told('jar', { reset: false }), unused: told('unused') },
      files: { 'box/**': ['box'], 'jar/**': ['jar'] },
    }`),
    ...Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e'].map((name) => [`box/${name}.test.ts`, file("hold('box')")]),
    ),
    ...Object.fromEntries(['a', 'b', 'c'].map((name) => [`jar/${name}.test.ts`, file("hold('jar')")])),
    'plain.test.ts': file("expect(process.env).not.toHaveProperty('BOX_URL')"),
    'box/url.test.ts': file(
      'expect(early).toBe(`told://box/${process.env.VITEST_LANES_BOX}`)',
      'const early = process.env.BOX_URL',
    ),
  })

  const run = await project.run()

  expect(run.code).toBe(0)
  expect(run.record?.outcome).toBe('passed')
  const of = (resource: string) => run.events.filter((event) => event.resource === resource)
  expect(of('unused')).toEqual([])
  expect(run.record?.resources).toMatchObject({ box: { source: 'told 1.0' }, jar: { source: 'told 1.0' } })
  expect(run.record?.resources['unused']).not.toHaveProperty('source')
  for (const resource of ['box', 'jar']) {
    const all = of(resource)
    expect(all[0]?.what).toBe('start')
    expect(all.at(-1)?.what).toBe('stop')
    expect([count(all, 'start'), count(all, 'stop')]).toEqual([1, 1])
    expect(count(all, 'dispose')).toBe(count(all, 'open'))
  }
  expect(count(of('box'), 'reset')).toBe(6)
  expect(count(of('box'), 'open')).toBeLessThanOrEqual(4)
  // What has no `reset` is taken away after each use.
  expect(count(of('jar'), 'open')).toBe(3)
  expectHeldByOne(run)
})

test('a resource that cannot be had fails the files that claim it, with the reason, and no others', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(`{
      lanes: 2,
      resources: {
        broken: told('broken', { failStart: true }),
        partly: told('partly', { failOpen: [1], instances: 2 }),
        dirty: told('dirty', { failReset: true, failDispose: true, instances: 1 }),
        scarce: told('scarce', { room: 1, instances: 5 }),
      },
      files: {
        'broken/**': ['broken'], 'partly/**': ['partly'], 'dirty/**': ['dirty'], 'scarce/**': ['scarce'],
      },
    }`),
    'broken/a.test.ts': file("tell('ran')"),
    'broken/b.test.ts': file("tell('ran')"),
    'partly/a.test.ts': file("await meet('partly', 1)"),
    'dirty/a.test.ts': file("hold('dirty')"),
    'dirty/b.test.ts': file("hold('dirty')"),
    'scarce/a.test.ts': file("hold('scarce')"),
    'scarce/b.test.ts': file("hold('scarce')"),
    'plain.test.ts': file(''),
  })

  const run = await project.run()

  expect(run.code).toBe(1)
  expect(recorded(run)).toEqual({
    'broken/a.test.ts': 'failed',
    'broken/b.test.ts': 'failed',
    'dirty/a.test.ts': 'passed',
    'dirty/b.test.ts': 'passed',
    'partly/a.test.ts': 'failed',
    'plain.test.ts': 'passed',
    'scarce/a.test.ts': 'passed',
    'scarce/b.test.ts': 'passed',
  })
  expect(count(run.events, 'ran')).toBe(0)
  const messages = run
    .report!.testResults.filter(({ status }) => status === 'failed')
    .map(({ message }) => message)
  expect(messages).toHaveLength(3)
  expect(messages.filter((message) => message.includes('no server of ours would start'))).toHaveLength(2)
  expect(messages.filter((message) => message.includes('[LANES_PROVIDER_START]'))).toHaveLength(2)
  expect(messages.find((message) => message.includes('[LANES_PROVIDER_OPEN]'))).toContain(
    'no room for number 1',
  )
  expect(run.record!.files.find((one) => one.file === 'partly/a.test.ts')?.error).toContain(
    'no room for number 1',
  )
  // There never was one that they could have failed on.
  expect(run.stdout).not.toMatch(/ on (broken|partly) \d/)
  // An instance that does not come clean is replaced.
  expect(
    count(
      run.events.filter(({ resource }) => resource === 'dirty'),
      'open',
    ),
  ).toBe(2)
  expect(run.stdout).toContain('it does not come clean')
  expect(run.stdout).toContain('it does not go away')
  expect(run.record?.resources['scarce']?.instances).toBe(1)
  expectHeldByOne(run)
})

test('an instance that dies fails the file that holds it and is replaced', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(`{
      lanes: 1,
      resources: { box: told('box', { instances: 1 }) },
      files: { '**': ['box'] },
    }`),
    'loses.test.ts': `
      import { test } from 'vitest'
      import { hold, tell, until } from '/events.ts'
      test('works', async () => {
        hold('box')
        tell('kill', { resource: 'box', number: 1 })
        await until((told) => told.some(({ what }) => what === 'died'))
      })`,
    'next.test.ts': file("hold('box')"),
  })

  const run = await project.run()

  expect(run.code).toBe(1)
  expect(recorded(run)).toEqual({ 'loses.test.ts': 'failed', 'next.test.ts': 'passed' })
  const lost = run.report!.testResults.find(({ name }) => name.endsWith('loses.test.ts'))
  expect(lost).toMatchObject({ status: 'failed' })
  expect(lost?.message).toContain('Instance 1 of box has died.')
  expect(lost?.message).toContain('[LANES_INSTANCE_LOST]')
  expect(
    run.events
      .filter(({ resource }) => resource === 'box')
      .map(({ what }) => what)
      .join(' '),
  ).toBe('start open hold kill died dispose open hold reset dispose stop')
})

test('a provider that hangs does not keep an interrupted run, and its other files are reported', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(
      `{
        lanes: 2,
        resources: { stuck: told('stuck', { hangOpen: true }), box: told('box') },
        files: { 'stuck/**': ['stuck'], 'box/**': ['box'] },
      }`,
      '{ teardownTimeout: 1_000 }',
    ),
    'stuck/a.test.ts': file("tell('ran')"),
    'box/a.test.ts': file("hold('box')"),
  })
  const started = project.start()
  await started.told(
    (all) =>
      count(all, 'reset') === 1 && all.some(({ what, resource }) => what === 'open' && resource === 'stuck'),
  )
  started.kill('SIGINT')
  const run = await started.ended

  expect(run.code).toBe(130)
  expect(recorded(run)).toEqual({ 'box/a.test.ts': 'passed', 'stuck/a.test.ts': 'cancelled' })
  expect(
    run.events
      .filter(({ what }) => what === 'stop')
      .map(({ resource }) => resource ?? '')
      .toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['box', 'stuck'])
})

test('a worker that does not leave is ended, and the run with it', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(
      "{ lanes: 1, resources: { box: told('box') }, files: { '**': ['box'] } }",
      "{ teardownTimeout: 1_000, environment: './stays.ts' }",
    ),
    'stays.ts': `
      import { forever } from './events.ts'
      export default {
        name: 'stays',
        viteEnvironment: 'ssr',
        setup: () => ({ teardown: forever }),
      }`,
    'a.test.ts': file("hold('box')"),
  })

  const run = await project.run()

  expect(recorded(run)).toEqual({ 'a.test.ts': 'passed' })
  expect(run.record?.files[0]?.times).toHaveProperty('cleaned')
})

/** No file began with an instance before the one that held it last was cleaned. */
function expectHeldByOne({ events }: VitestRun): void {
  const held = new Set<string>()
  for (const { what, resource, number } of events) {
    const instance = `${resource} ${number}`
    if (what === 'reset' || what === 'dispose') held.delete(instance)
    if (what !== 'hold') continue
    expect(held).not.toContain(instance)
    held.add(instance)
  }
}
