import { spawn } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createProject } from '../../support/project.ts'
import type { Project } from '../../support/project.ts'

const MAIN = fileURLToPath(new URL('../../../packages/vitest-lanes/dist/cli/main.js', import.meta.url))
const INHERITED = /^(VITEST|TEST$|NODE_ENV$|NODE_V8_COVERAGE$|FORCE_TTY$|FORCE_COLOR$|NO_COLOR$|CI$|GITHUB_)/

export interface CommandEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `vitest-lanes` in a folder. */
export function lanesCommand(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandEnd> {
  const own = Object.entries(process.env).filter(([name]) => !INHERITED.test(name))
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(own), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...text }))
  })
}

/** A project that also sees these packages of the workspace. */
export async function projectWith(
  files: Readonly<Record<string, string>>,
  packages: readonly string[] = [],
): Promise<Project> {
  const project = await createProject(files)
  const root = fileURLToPath(new URL('../../../node_modules', import.meta.url))
  for (const name of packages) {
    const link = join(project.root, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(join(root, name), link, 'dir')
  }
  return project
}

/** Writes a text file below a project, and its folder. */
export async function put(project: Project, path: string, text: string): Promise<string> {
  const file = join(project.root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

export function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8')
}
