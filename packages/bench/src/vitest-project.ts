import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** Writes a project of so many equal test files, which sees Vitest and the plugin. */
export async function writeSuite(root: string, files: number, text: string): Promise<void> {
  await mkdir(join(root, 'node_modules'))
  await mkdir(join(root, 'tests'))
  for (const name of ['vitest', 'vitest-lanes'])
    await symlink(packageFolder(name), join(root, 'node_modules', name))
  await writeFile(join(root, 'package.json'), '{ "type": "module", "private": true }')
  for (let index = 0; index < files; index++) await writeFile(join(root, 'tests', `${index}.test.js`), text)
}

/** Runs it once; rejects with what it printed if a test fails. */
export async function runVitest(
  root: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = ['--reporter=dot'],
): Promise<void> {
  const vitest = join(packageFolder('vitest'), 'vitest.mjs')
  await promisify(execFile)(process.execPath, ['--expose-gc', vitest, 'run', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  })
}

/** How long something took, in ms. */
export async function timed(run: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await run()
  return performance.now() - begun
}

export function packageFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
}
