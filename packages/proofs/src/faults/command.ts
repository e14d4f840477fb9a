import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { folderOf } from '../linked.ts'

const MAIN = join(folderOf('vitest-lanes'), 'dist', 'cli', 'main.js')
/** What a Vitest around this one tells its workers must not reach the one under test. */
const INHERITED = /^(VITEST(?!_LANES_ENGINE)|TEST$|NODE_ENV$|CI$|GITHUB_)/

/** A project, and the servers that its files share. */
export interface Place {
  readonly root: string
  readonly env: NodeJS.ProcessEnv
}

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `vitest-lanes` in a project. */
export function lanes(place: Place, ...args: readonly string[]): Promise<Ended> {
  return node(place, MAIN, ...args)
}

/** Looks for one cause of a test's failure, which need not come each time. */
export function bisect(place: Place, test: string, record: string): Promise<Ended> {
  const search = ['--reset', 'node reset.mjs', '--rate', '30%', '--causes', '1']
  return lanes(place, 'bisect', test, '--record', record, ...search, '--json')
}

/** Puts the shared servers back. Rejects if it cannot. */
export async function reset(place: Place): Promise<void> {
  const { code, stderr } = await node(place, 'reset.mjs')
  if (code !== 0) throw new Error(`The servers could not be reset: ${stderr}`)
}

function node({ root, env }: Place, ...args: readonly string[]): Promise<Ended> {
  const own = Object.entries(process.env).filter(([name]) => !INHERITED.test(name))
  const options = { cwd: root, env: { ...Object.fromEntries(own), ...env }, maxBuffer: 2 ** 28 }
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
  })
}

/** What a command has written with `--json`. Throws with all that it said if that cannot be read. */
export function json(ended: Ended): Record<string, unknown> {
  try {
    return JSON.parse(ended.stdout) as Record<string, unknown>
  } catch {
    throw new Error(`Status ${ended.code}: ${ended.stdout}${ended.stderr}`)
  }
}
