import { execFile } from 'node:child_process'
import { cp, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const VERSION = '7'
const PACKAGES = ['prisma', '@prisma/client', '@prisma/adapter-pg'].map((name) => `${name}@${VERSION}`)

/**
 * A project with Prisma, from the registry: it is 300 MB, which nobody should have to install who works on something
 * else. Kept in a temporary folder for the next time.
 * @returns why not, where the registry cannot be reached
 */
export async function installPrisma(): Promise<{ folder: string } | string> {
  const kept = path.join(tmpdir(), `vitest-lanes-with-prisma-${VERSION}`)
  if ((await stat(kept).catch(() => undefined)) !== undefined) return { folder: kept }
  const made = await mkdtemp(path.join(tmpdir(), 'vitest-lanes-prisma-'))
  try {
    await writeFile(path.join(made, 'package.json'), '{ "private": true }')
    // Without scripts: they fetch an engine from elsewhere, which the client has done without since version 7.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', ...flags, ...PACKAGES], { cwd: made })
    // Another run may have been faster: its folder is as good.
    await rename(made, kept).catch(() => undefined)
    return { folder: kept }
  } catch (error) {
    const { stderr = String(error) } = Object(error)
    if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ECONNRESET|E404/.test(stderr))
      return `the registry has not given it: ${String(stderr).split('\n', 1)[0]}`
    throw error
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

/** Generates the client of the schema in `project`, which sees the packages in `folder`. */
export async function generateClient(folder: string, project: string): Promise<void> {
  await cp(path.join(folder, 'package.json'), path.join(project, 'package.json'))
  await run(process.execPath, [path.join(folder, 'node_modules/prisma/build/index.js'), 'generate'], {
    cwd: project,
    // Generating needs no engine, and must not fetch one.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  })
}
