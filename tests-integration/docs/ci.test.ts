import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { RunRecord } from '@vitest-lanes/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const GUIDE = await readFile(`${ROOT}docs/ci.md`, 'utf8')
const [configuration = ''] = fenced('ts')
const [github, gitlab] = fenced('yaml').map((text): unknown => parse(text)) as [GitHub, GitLab]
const NAMES = ['billing/a', 'billing/b', 'c', 'd', 'e', 'labels/a', 'labels/b'].map(
  (name) => `tests/${name}.test.js`,
)

interface GitHub {
  readonly jobs: Record<
    'history' | 'test' | 'merge',
    { readonly steps: readonly Step[]; readonly strategy?: Strategy }
  >
}
interface Strategy {
  readonly matrix: { readonly shard: readonly number[] }
}
interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string>>
}
type GitLab = Record<'history' | 'test' | 'merge', Job>
interface Job {
  readonly script: string | readonly string[]
  readonly after_script?: readonly string[]
  readonly parallel?: number
  readonly cache?: { readonly paths: readonly string[]; readonly policy: 'pull' | 'push' }
  readonly artifacts?: { readonly paths: readonly string[] }
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitest lanes ci '))
  await writeCommands(join(folder, 'bin'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the workflow for GitHub runs every file once, and the next run starts with what all shards have learnt', async () => {
  const cache = join(folder, 'github-cache')
  for (const run of ['1', '2']) {
    const artifacts = join(folder, `artifacts-${run}`)
    const act = (name: string, job: 'history' | 'test' | 'merge', shard = 0): Promise<string> =>
      runGitHubJob(join(folder, `github-${run}-${name}`), github.jobs[job].steps, {
        run,
        shard,
        cache,
        artifacts,
      })

    await act('history', 'history')
    const shards = await Promise.all(
      github.jobs.test.strategy!.matrix.shard.map((shard) => act(`test-${shard}`, 'test', shard)),
    )
    await expectShards(shards)
    await act('merge', 'merge')
    expect(await historyIn(join(cache, `lanes-${run}`))).toEqual(NAMES)
  }
  const [first] = await records([join(folder, 'github-2-test-1')])
  expect(first?.files.every(({ estimate = 0 }) => estimate < 100_000 && estimate > 0)).toBe(true)
})

test('the pipeline for GitLab does, too', async () => {
  const cache = join(folder, 'gitlab-cache')
  for (const run of ['1', '2']) {
    const artifacts = join(folder, `gitlab-artifacts-${run}`)
    const act = (name: string, job: Job, index = 0): Promise<string> =>
      runGitLabJob(join(folder, `gitlab-${run}-${name}`), job, { index, cache, artifacts })

    await act('history', gitlab.history)
    const count = gitlab.test.parallel ?? 0
    const shards = await Promise.all(
      Array.from({ length: count }, (_, index) => act(`test-${index + 1}`, gitlab.test, index + 1)),
    )
    await expectShards(shards)
    await act('merge', gitlab.merge)
    expect(await historyIn(cache)).toEqual(NAMES)
  }
})

async function expectShards(folders: readonly string[]): Promise<void> {
  const all = await records(folders)
  expect(all).toHaveLength(folders.length)
  const given = all.map(({ files }) => files.map(({ file }) => file))
  expect(given.flat().sort()).toEqual(NAMES)
  expect(given.filter((files) => files.some((file) => file.startsWith('tests/billing/')))).toHaveLength(1)
}

async function runGitHubJob(
  place: string,
  steps: readonly Step[],
  { run, shard, cache, artifacts }: { run: string; shard: number; cache: string; artifacts: string },
): Promise<string> {
  await mkdir(place, { recursive: true })
  const filled = (text: string): string =>
    text.replaceAll('${{ github.run_id }}', run).replaceAll('${{ matrix.shard }}', String(shard))
  for (const { uses = '', run: script, with: inputs = {} } of steps) {
    const input = (name: string): string => filled(inputs[name] ?? '')
    if (script !== undefined) await shell(place, filled(script))
    else if (uses.startsWith('actions/checkout@')) await checkOut(place)
    else if (uses.startsWith('actions/cache/restore@')) {
      const exact = join(cache, input('key'))
      const latest = (await beginningWith(cache, input('restore-keys') || '-')).sort().at(-1)
      await copy(existsSync(exact) ? exact : (latest ?? exact), place, [input('path')])
    } else if (uses.startsWith('actions/cache/save@'))
      await copy(place, join(cache, input('key')), [input('path')])
    else if (uses.startsWith('actions/upload-artifact@'))
      // Below what the paths have in common.
      for (const path of input('path').trim().split('\n'))
        await copy(join(place, dirname(path)), join(artifacts, input('name')), [basename(path)])
    else if (uses.startsWith('actions/download-artifact@'))
      for (const found of await beginningWith(artifacts, input('pattern').replace('*', '')))
        await copy(artifacts, join(place, input('path')), [basename(found)])
    else if (!uses.startsWith('actions/setup-node@')) throw new Error(`The test does not know ${uses}.`)
  }
  return place
}

async function runGitLabJob(
  place: string,
  { script, after_script: after = [], cache: cached, artifacts: kept, parallel }: Job,
  { index, cache, artifacts }: { index: number; cache: string; artifacts: string },
): Promise<string> {
  await checkOut(place)
  if (cached?.policy === 'pull') await copy(cache, place, cached.paths)
  // Those of all jobs of earlier stages.
  await copy(artifacts, place, ['.vitest-lanes', 'shards'])
  const env = { CI_NODE_INDEX: String(index), CI_NODE_TOTAL: String(parallel ?? 1) }
  for (const line of [script, after].flat()) await shell(place, line, env)
  if (cached?.policy === 'push') await copy(place, cache, cached.paths)
  // One after another: two copies into one folder, begun at the same moment, fail.
  uploads = uploads.then(() => copy(place, artifacts, kept?.paths ?? []))
  await uploads
  return place
}

let uploads = Promise.resolve()

async function shell(cwd: string, script: string, env: Record<string, string> = {}): Promise<void> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST$|NODE_ENV$|GITHUB_)/.test(name),
  )
  const path = `${join(folder, 'bin')}:${process.env['PATH']}`
  await promisify(execFile)('sh', ['-ec', script], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env, PATH: path },
  })
}

/** The commands that the guide calls, without a network. */
async function writeCommands(bin: string): Promise<void> {
  const commands = {
    npm: 'exit 0',
    npx: 'exec "$@"',
    vitest: `exec node '${ROOT}node_modules/vitest/vitest.mjs' "$@"`,
    'vitest-lanes': `exec node '${ROOT}packages/vitest-lanes/dist/cli/main.js' "$@"`,
  }
  await mkdir(bin, { recursive: true })
  for (const [name, script] of Object.entries(commands))
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

async function checkOut(place: string): Promise<void> {
  const test = "import { test } from 'vitest'\ntest('passes', () => {})\n"
  const files = { 'package.json': '{ "type": "module" }', 'vitest.config.ts': configuration }
  for (const [name, text] of [...Object.entries(files), ...NAMES.map((name) => [name, test] as const)]) {
    await mkdir(dirname(join(place, name)), { recursive: true })
    await writeFile(join(place, name), text)
  }
  await mkdir(join(place, 'node_modules'), { recursive: true })
  for (const name of ['vitest', 'vitest-lanes'])
    await symlink(join(ROOT, 'node_modules', name), join(place, 'node_modules', name)).catch(() => {})
}

async function copy(from: string, to: string, paths: readonly string[]): Promise<void> {
  for (const path of paths)
    if (existsSync(join(from, path))) await cp(join(from, path), join(to, path), { recursive: true })
}

/** Paths of what a folder has whose name begins so. */
async function beginningWith(place: string, start: string): Promise<string[]> {
  const names = await readdir(place).catch((): string[] => [])
  return names.filter((name) => name.startsWith(start)).map((name) => join(place, name))
}

async function records(folders: readonly string[]): Promise<RunRecord[]> {
  const texts = await Promise.all(folders.map((one) => readFile(join(one, '.vitest-lanes/run.json'), 'utf8')))
  return texts.map((text): RunRecord => JSON.parse(text))
}

async function historyIn(place: string): Promise<string[]> {
  const text = await readFile(join(place, '.vitest-lanes/history.json'), 'utf8')
  return Object.keys((JSON.parse(text) as { files: object }).files).sort()
}

function fenced(language: string): string[] {
  return Array.from(
    GUIDE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm')),
    (match) => match[1]!,
  )
}
