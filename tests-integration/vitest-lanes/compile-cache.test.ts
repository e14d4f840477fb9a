import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cacheFolder, defaultBase } from '@vitest-lanes/server'
import { expect, onTestFinished, test } from 'vitest'
import { removeIfLarge } from '../../packages/vitest-lanes/dist/pool/compile-cache.js'
import { createProject } from '../support/project.ts'
import type { Project, VitestRun } from '../support/project.ts'
import { config, file } from '../support/sources.ts'

const PACKAGE = {
  'node_modules/pack/package.json':
    '{ "name": "pack", "version": "1.0.0", "type": "module", "exports": "./pack.js" }',
  'node_modules/pack/pack.js': "export const name = () => 'pack'",
}
const TELLS = file(
  `expect(name()).toBe('pack')
   const child = execFileSync(process.execPath, ['-p', "require('node:module').getCompileCacheDir?.() ?? 'none'"])
   tell('cache', {
     canKeep: 'flushCompileCache' in module,
     folder: module.getCompileCacheDir?.() ?? 'none',
     child: String(child).trim(),
     options: [...process.execArgv, process.env.NODE_OPTIONS, ...Object.keys(process.env)].join(' '),
   })`,
  "import { execFileSync } from 'node:child_process'; import module from 'node:module'; import { name } from 'pack'",
)

/** A project, and a temporary folder of its own. */
async function project(test?: string): Promise<{ project: Project; temp: string }> {
  // A path that may be long: the socket of a server has to fit.
  const temp = await mkdtemp(path.join(tmpdir(), 'vl-'))
  const made = await createProject({
    ...PACKAGE,
    'vitest.config.ts': config('{ lanes: 2, resources: { box: {} } }', test),
    'a.test.ts': TELLS,
    'b.test.ts': TELLS,
  })
  onTestFinished(async () => {
    await made[Symbol.asyncDispose]()
    await rm(temp, { recursive: true, force: true })
  })
  return { project: made, temp }
}

const told = (run: VitestRun) => run.events.filter(({ what }) => what === 'cache')
const kept = (temp: string) =>
  readdir(path.join(defaultBase(temp), 'cache', 'compiled'), { recursive: true }).catch(() => [])

test.each(['forks', 'threads'])(
  'what V8 made of packages is kept for the next process and run: %s',
  async (pool) => {
    const { project: small, temp } = await project(`{ pool: '${pool}' }`)
    const first = await small.run([], { env: { TMPDIR: temp } })
    const files = await kept(temp)
    const second = await small.run([], { env: { TMPDIR: temp } })

    for (const run of [first, second]) {
      expect([run.code, run.stderr]).toEqual([0, ''])
      expect(run.report?.numPassedTests).toBe(2)
      expect(told(run)).toHaveLength(2)
      for (const { canKeep, folder, child, options } of told(run)) {
        // A Node.js that has no such thing runs as ever.
        expect(String(folder)).toContain(
          canKeep === true ? path.join(defaultBase(temp), 'cache', 'compiled') : 'none',
        )
        // Neither what a file sees of itself nor what it starts is changed.
        expect(child).toBe('none')
        expect(options).not.toMatch(/compile/i)
      }
    }
    const canKeep = told(first).some((event) => event['canKeep'] === true)
    // Vitest's own files, and the package.
    expect(files.length > 20).toBe(canKeep)
    expect(await kept(temp)).toHaveLength(files.length)
  },
)

test.each([
  ['with coverage, which would be less exact', ['--coverage'], {}],
  ['where Node.js counts what runs', [], { NODE_V8_COVERAGE: 'counted' }],
  ['where the user says so', [], { NODE_DISABLE_COMPILE_CACHE: '1' }],
])('nothing is kept %s', async (_, args, env) => {
  const { project: small, temp } = await project()
  const run = await small.run(args, { env: { TMPDIR: temp, ...env } })
  expect(run.code).toBe(0)
  expect(told(run).map(({ folder }) => folder)).toEqual(['none', 'none'])
  expect((await kept(temp)).filter((name) => name.includes('-'))).toEqual([])
})

test('a folder of the user’s own stays the one that is used', async () => {
  const { project: small, temp } = await project()
  const own = path.join(temp, 'own')
  const run = await small.run([], { env: { TMPDIR: temp, NODE_COMPILE_CACHE: own } })
  expect(run.code).toBe(0)
  for (const { canKeep, folder } of told(run))
    expect(String(folder)).toContain(canKeep === true ? own : 'none')
})

test('a temporary folder that is not ours to use costs nothing but the cache', async () => {
  const { project: small, temp } = await project()
  await writeFile(defaultBase(temp), 'a file')
  const run = await small.run([], { env: { TMPDIR: temp } })
  expect([run.code, run.report?.numPassedTests]).toEqual([0, 2])
  expect(told(run).map(({ folder }) => folder)).toEqual(['none', 'none'])
})

test('one that has become large is begun anew', async () => {
  const temp = await mkdtemp(path.join(tmpdir(), 'vl-'))
  onTestFinished(() => rm(temp, { recursive: true, force: true }))
  const base = defaultBase(temp)
  const folder = await cacheFolder('compiled', base)
  await mkdir(path.join(folder, 'v24'))
  for (const name of ['a', 'b', 'c']) await writeFile(path.join(folder, 'v24', name), '')
  await removeIfLarge(folder, 4, base)
  expect(await readdir(path.join(folder, 'v24'))).toHaveLength(3)
  await removeIfLarge(folder, 3, base)
  expect(await readdir(folder)).toEqual([])
  expect(await readdir(base)).toEqual(['cache'])
})
