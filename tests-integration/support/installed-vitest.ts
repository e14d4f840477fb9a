import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installed, VITEST_PACKAGES } from './installation.ts'
import type { Installation } from './installation.ts'

const run = promisify(execFile)
const PACKAGES = fileURLToPath(new URL('../../packages', import.meta.url))
/** What vitest-lanes needs of the workspace. */
const OURS = ['core', 'report', 'server', 'vitest-lanes']

/**
 * The packages of this workspace, packed as they would be published, beside another Vitest and Node.js from the
 * registry. Kept in a temporary folder for the next time that nothing has changed.
 * @returns why not, where the registry cannot be reached or has no such Node.js
 */
export async function installVitest(vitest: string, node: string): Promise<Installation | string> {
  const nodePackage = `node-${process.platform}-${process.arch}`
  const made = await mkdtemp(join(tmpdir(), 'vitest-lanes-packed-'))
  try {
    const tarballs = await Promise.all(OURS.map((name) => pack(name, made)))
    const key = await digest(made, tarballs, `${vitest} ${node} ${nodePackage}`)
    const kept = join(tmpdir(), `vitest-lanes-with-vitest-${vitest}-${key}`)
    const present = await readdir(join(kept, 'node_modules')).catch(() => undefined)
    if (present === undefined) {
      const theirs = VITEST_PACKAGES.map((name) => [name, vitest])
      await writeManifest(made, tarballs, {
        vitest,
        ...Object.fromEntries(theirs),
        playwright: '^1.65.1',
        [nodePackage]: node,
      })
      const failure = await install(made)
      if (failure !== undefined) return failure
      // Another run may have been faster: its folder is as good.
      await rename(made, kept).catch(() => {})
    }
    const folder = join(kept, 'node_modules')
    const names = ['vite', 'vitest', ...VITEST_PACKAGES, 'vitest-lanes', '@vitest-lanes/core']
    return installed(folder, join(folder, nodePackage, 'bin/node'), names)
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

/** Packs with pnpm, which puts versions in the place of `workspace:` and `catalog:`. */
async function pack(name: string, folder: string): Promise<string> {
  const file = `${name}.tgz`
  await pnpm(['pack', '--out', join(folder, file)], join(PACKAGES, name))
  return file
}

async function pnpm(args: readonly string[], cwd: string): Promise<void> {
  // The pnpm that runs the tests, a script or (12.21) a program; else the one that npm finds.
  const found = process.env['npm_execpath']
  if (found === undefined || !/pnpm[^/]*$/.test(found)) await run('npx', ['-y', 'pnpm@12', ...args], { cwd })
  else if (/\.[cm]?js$/.test(found)) await run(process.execPath, [found, ...args], { cwd })
  else await run(found, args, { cwd })
}

async function digest(folder: string, tarballs: readonly string[], more: string): Promise<string> {
  const hash = createHash('sha256').update(more)
  for (const tarball of tarballs) hash.update(await readFile(join(folder, tarball)))
  return hash.digest('hex').slice(0, 12)
}

async function writeManifest(
  folder: string,
  tarballs: readonly string[],
  others: Readonly<Record<string, string>>,
): Promise<void> {
  const ours = Object.fromEntries(
    tarballs.map((tarball, index) => {
      const name = OURS[index]!
      return [name === 'vitest-lanes' ? name : `@vitest-lanes/${name}`, `file:./${tarball}`]
    }),
  )
  await mkdir(folder, { recursive: true })
  const manifest = { private: true, type: 'module', dependencies: { ...ours, ...others }, overrides: ours }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
}

async function install(folder: string): Promise<string | undefined> {
  try {
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
      cwd: folder,
    })
    return undefined
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    const text = stderr ?? String(error)
    if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ECONNRESET|E404|EBADPLATFORM/.test(text))
      return `the registry has not given it: ${text.split('\n', 1)[0]}`
    throw error
  }
}
