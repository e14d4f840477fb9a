import { access, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { glob } from 'tinyglobby'
import { findResources } from './resources.ts'
import type { FoundResource } from './resources.ts'
import { lookThroughSources } from './sources.ts'
import type { Sources } from './sources.ts'

const CODE = '{ts,mts,cts,tsx,js,mjs,cjs,jsx}'
const NOT_THEIRS = ['**/node_modules/**', '**/dist/**', '**/.*/**']
/** What no test imports, as a rule. */
const NOT_TESTED = ['**/{build,coverage,docs,examples,scripts}/**', '**/*.config.*', '**/*.d.*']
const CONFIGS = ['vitest.config', 'vite.config'].flatMap((name) =>
  ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((ending) => `${name}.${ending}`),
)
const COMPOSE = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']
const REEXPORT = /export\s*\{\s*default\s*\}\s*from\s*['"](\.[^'"]+)['"]/

/** What `init` has found in a project. */
export interface Look {
  readonly root: string
  /** Installed version; undefined where there is none. */
  readonly vitest: string | undefined
  /** Path from the root of the file that says what Vitest does; a file that only hands on another is followed. */
  readonly config: string | undefined
  readonly source: string
  readonly dependencies: ReadonlySet<string>
  readonly manager: 'npm' | 'pnpm' | 'yarn' | 'bun'
  readonly compose: string | undefined
  readonly resources: readonly FoundResource[]
  readonly sources: Sources
}

export async function lookAt(root: string): Promise<Look> {
  const manifest = await readJson(join(root, 'package.json'))
  const dependencies = new Set(
    ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.keys((manifest[kind] as object | undefined) ?? {}),
    ),
  )
  const config = await configOf(root)
  const tests = await glob(`**/*.{test,spec}.${CODE}`, { cwd: root, ignore: NOT_THEIRS })
  const code = await glob(`**/*.${CODE}`, { cwd: root, ignore: [...NOT_THEIRS, ...NOT_TESTED] })
  const sources = await lookThroughSources(root, tests, code)
  return {
    root,
    vitest: vitestVersion(root),
    config,
    source: config === undefined ? '' : await readFile(join(root, config), 'utf8'),
    dependencies,
    manager: await managerOf(root),
    compose: await firstOf(root, COMPOSE),
    resources: await findResources(root, dependencies, { redirectRedis: sources.usualRedis.length > 0 }),
    sources,
  }
}

async function configOf(root: string): Promise<string | undefined> {
  const path = await firstOf(root, CONFIGS)
  if (path === undefined) return undefined
  const target = REEXPORT.exec(await readFile(join(root, path), 'utf8'))?.[1]
  if (target === undefined) return path
  const real = relative(root, join(root, dirname(path), target))
  return firstOf(root, [real, `${real}.ts`, `${real}.js`])
}

function vitestVersion(root: string): string | undefined {
  try {
    const found = createRequire(join(root, 'package.json'))('vitest/package.json') as { version?: string }
    return found.version
  } catch {
    return undefined
  }
}

async function managerOf(root: string): Promise<Look['manager']> {
  const lock = await firstOf(root, ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'])
  if (lock === undefined) return 'npm'
  if (lock.startsWith('pnpm')) return 'pnpm'
  return lock.startsWith('yarn') ? 'yarn' : 'bun'
}

async function firstOf(root: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names)
    if (
      await access(join(root, name)).then(
        () => true,
        () => false,
      )
    )
      return name
  return undefined
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch(() => '{}')
  return JSON.parse(text) as Record<string, unknown>
}
