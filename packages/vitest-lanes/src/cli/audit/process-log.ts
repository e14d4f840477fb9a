import { readFile, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HOOK = fileURLToPath(new URL('../../worker/audit.cjs', import.meta.url))
/** What the hook in `worker/audit.cts` reads. */
const VARIABLE = 'VITEST_LANES_AUDIT'

/** What the processes of a file did that cannot be seen from outside. */
export interface ProcessUses {
  readonly ports: readonly number[]
  /** Absolute paths. */
  readonly files: readonly string[]
  readonly variables: readonly string[]
  /** Programs that it started and that are no Node.js. */
  readonly programs: readonly string[]
}

/**
 * Variables with which the processes of a file write down what they do.
 * @param log the file to write to
 * @param root Vitest's
 */
export function processVariables(log: string, root: string): Record<string, string> {
  const temporary = [tmpdir(), realPath(tmpdir()), '/tmp', '/private/tmp', '/dev', '/proc']
  const own = [
    join(root, 'node_modules'),
    join(root, '.vitest-lanes'),
    join(root, 'coverage'),
    join(homedir(), '.cache'),
  ]
  return {
    // As Node.js reads it: a path with a space stands in quotes, where a backslash keeps what follows.
    NODE_OPTIONS: `--require "${HOOK.replace(/["\\]/g, '\\$&')}"`,
    [VARIABLE]: JSON.stringify({ log, root, temporary: [...new Set(temporary)], ignored: own }),
  }
}

/** Reads what they have written, and takes it away. */
export async function readProcessUses(log: string): Promise<ProcessUses> {
  const text = await readFile(log, 'utf8').catch(() => '')
  await rm(log, { force: true })
  const found = {
    ports: new Set<number>(),
    files: new Set<string>(),
    variables: new Set<string>(),
    programs: new Set<string>(),
  }
  for (const line of text.split('\n')) {
    const { port, file, variable, program } = entryOf(line)
    if (port !== undefined) found.ports.add(port)
    if (file !== undefined) found.files.add(file)
    if (variable !== undefined) found.variables.add(variable)
    if (program !== undefined) found.programs.add(program)
  }
  return {
    ports: [...found.ports],
    files: [...found.files],
    variables: [...found.variables],
    programs: [...found.programs].sort(),
  }
}

interface Entry {
  readonly port?: number
  readonly file?: string
  readonly variable?: string
  readonly program?: string
}

// A process may have been killed while it wrote.
function entryOf(line: string): Entry {
  try {
    return JSON.parse(line) as Entry
  } catch {
    return {}
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
