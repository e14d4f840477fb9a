import { cp, readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { workspace } from '../support/installation.ts'
import { outcomes } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import type { Project, VitestRun } from '../support/project.ts'
import { config, file, tag } from '../support/sources.ts'

/**
 * What a run that must be refused lacks of that: a coded error, shown as its message alone, and nothing started.
 * Empty if it was refused as it should be.
 */
function lacking(run: VitestRun, code: string, ...parts: readonly string[]): string[] {
  const output = run.stdout + run.stderr
  return [
    ...[...parts, `[${code}]`].filter((part) => !output.includes(part)),
    ...['Serialized Error', 'dist/'].filter((part) => output.includes(part)).map((part) => `no ${part}`),
    ...(run.code === 1 ? [] : [`exit status 1, not ${run.code}`]),
    ...run.events.map(({ what }) => `no ${what}`),
  ]
}

const ROOT = `
  import { defineConfig } from 'vitest/config'
  import { lanes } from 'vitest-lanes'
  import { told } from './provider.ts'
`

test('a file that claims what does not exist is refused, with the near miss; so is one that claims both modes', async () => {
  await using project = await createProject({
    'vitest.config.ts': config("{ resources: { redis: told('redis') }, files: { '**': ['redis'] } }"),
    'a.test.ts': file("tell('ran')"),
    'b.test.ts': file("tell('ran')", tag('reds/shared')),
  })

  expect(
    lacking(await project.run(), 'LANES_RESOURCE_UNKNOWN', '`reds`', 'b.test.ts', 'mean `redis`'),
  ).toEqual([])
  await project.write({ 'b.test.ts': file("tell('ran')", tag('redis/shared')) })
  expect(lacking(await project.run(), 'LANES_CLAIM_BOTH_MODES', '`redis`', 'b.test.ts')).toEqual([])
})

test('a slip in the options is refused before anything starts', async () => {
  await using project = await createProject({
    'vitest.config.ts': config("{ resources: { redis: told('redis') }, files: { '**': ['rediss'] } }"),
    'a.test.ts': file("tell('ran')"),
  })

  expect(lacking(await project.run(), 'LANES_RESOURCE_UNKNOWN', "`files['**']`", 'mean `redis`')).toEqual([])
})

test('a glob that matches no file is a warning, a filter is none', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(
      "{ resources: { box: told('box') }, files: { 'tset/**': ['box'], 'test/**': ['box'] } }",
    ),
    'a.test.ts': file(''),
    'test/b.test.ts': file(''),
  })

  const run = await project.run(['a.test'])

  expect(run.code).toBe(0)
  expect(run.stderr).toContain("`files['tset/**']` matches no file.")
  expect(run.stderr).not.toContain("files['test/**']")
})

test('two lanes() in one configuration, or different ones in one Vitest, are refused', async () => {
  await using project = await createProject({
    'vitest.config.ts': `${ROOT}
      export default defineConfig({ plugins: [lanes({ resources: { a: {} } }), lanes({ resources: { b: {} } })] })`,
    'a.test.ts': file("tell('ran')"),
  })

  expect(lacking(await project.run(), 'LANES_PLUGIN_TWICE', '2 lanes() plugins', 'Keep one')).toEqual([])
  await project.write({
    'vitest.config.ts': `${ROOT}
      export default defineConfig({
        test: {
          projects: ['a', 'b'].map((name) => ({ plugins: [lanes({ resources: { [name]: {} } })], test: { name } })),
        },
      })`,
  })
  expect(lacking(await project.run(), 'LANES_PLUGIN_TWICE', 'different options', 'extends: true')).toEqual([])
})

test('projects that do not have the plugin are told, whether all of them or some', async () => {
  const a = "test: { name: 'a', include: ['a/*.test.ts'] }"
  const b = "test: { name: 'b', include: ['b/*.test.ts'] }"
  await using project = await createProject({
    'vitest.config.ts': withProjects(`{ ${a} }, { ${b} }`),
    'a/1.test.ts': file(''),
    'b/1.test.ts': file(''),
  })

  const none = await project.run()
  await project.write({ 'vitest.config.ts': withProjects(`{ extends: true, ${a} }, { ${b} }`) })
  const some = await project.run()
  await project.write({
    'vitest.config.ts': withProjects(`{ extends: true, ${a} }, { extends: true, ${b} }`),
  })
  const all = await project.run()

  expect(none.stderr).toContain('no project has it: all files run outside of lanes')
  expect(some.stdout).toContain('1 file of `b` run outside of lanes')
  expect(some.stderr).toBe('')
  expect(all.stdout + all.stderr).not.toContain('outside of lanes')
})

function withProjects(projects: string): string {
  return `
    import { defineConfig } from 'vitest/config'
    import { lanes } from 'vitest-lanes'
    export default defineConfig({
      plugins: [lanes({ resources: { one: {} }, files: { '**': ['one'] } })],
      test: { projects: [${projects}] },
    })`
}

test('without resources it is plain Vitest', async () => {
  await using project = await createProject({
    'vitest.config.ts': config('{}', "{ setupFiles: ['./around.ts'], maxWorkers: 1 }"),
    'a.test.ts': file("tell('pool ' + process.env.VITEST_POOL_ID)"),
    'b.test.ts': file('expect(1).toBe(2)'),
  })

  const stock = await project.run([], { env: { STOCK: '1' } })
  const run = await project.run()

  expect(run.code).toBe(stock.code)
  expect(outcomes(project, run)).toEqual(outcomes(project, stock))
  expect(run.record).toBeUndefined()
  expect(run.stdout).not.toContain('lanes  ')
  expect(await project.read('.vitest-lanes/.gitignore')).toBeUndefined()
})

test('tags of others stay theirs, resources are known tags', async () => {
  await using project = await createProject({
    'vitest.config.ts': config(
      "{ resources: { box: told('box') } }",
      "{ tags: [{ name: 'boxy', description: 'A tag of the project' }] }",
    ),
    'a.test.ts': file('expect(process.env.BOX_URL).toBeUndefined()', tag('boxy')),
    'b.test.ts': file('expect(process.env.BOX_URL).toMatch(/^told:/)', tag('box/exclusive')),
  })

  const run = await project.run()
  const tags = await project.vitest(['--list-tags']).ended

  expect(run.code).toBe(0)
  for (const name of ['boxy', 'box/shared', 'sequential', 'alone']) expect(tags.stdout).toContain(name)
})

test('a Vitest older than 4.1 is refused', async () => {
  await using project = await createProject({
    'vitest.config.ts': config("{ resources: { box: told('box') } }"),
    'a.test.ts': file("tell('ran')"),
  })
  await pretendOldVitest(project)

  expect(
    lacking(await project.run(), 'LANES_VITEST_TOO_OLD', '4.1 or newer', '4.0.18', 'npm install'),
  ).toEqual([])
})

/** Gives the project a copy of vitest-lanes that finds a Vitest that says that it is older. */
async function pretendOldVitest(project: Project): Promise<void> {
  const installed = workspace.packages['vitest-lanes']!
  const real = JSON.stringify(join(workspace.packages['vitest']!, 'dist'))
  const copy = join(project.root, 'node_modules/vitest-lanes')
  await rm(copy)
  await cp(join(installed, 'dist'), join(copy, 'dist'), { recursive: true })
  await cp(join(installed, 'package.json'), join(copy, 'package.json'))
  await project.write({
    'node_modules/vitest-lanes/node_modules/vitest/package.json': JSON.stringify({
      name: 'vitest',
      version: '4.0.18',
      type: 'module',
      exports: { './node': './node.js' },
    }),
    'node_modules/vitest-lanes/node_modules/vitest/node.js': `
      export * from ${real.replace(/"$/, '/node.js"')}
      export const version = '4.0.18'`,
  })
  const names = await readdir(join(installed, 'node_modules'))
  for (const name of names.filter((one) => one !== 'vitest' && !one.startsWith('.')))
    await symlink(join(installed, 'node_modules', name), join(copy, 'node_modules', name))
}
