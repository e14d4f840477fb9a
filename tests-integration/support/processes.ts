import { readFile, readdir } from 'node:fs/promises'
import { platform } from 'node:os'

/** Environment variable by which the processes of one inline project are found. */
export const MARKER = 'VITEST_LANES_TEST_PROJECT'

export interface LiveProcess {
  readonly pid: number
  readonly command: string
}

/**
 * Live processes that inherited the marker with this value. Linux only: elsewhere the environment of another process
 * cannot be read, and none is found.
 */
export async function processesOf(marker: string): Promise<LiveProcess[]> {
  if (platform() !== 'linux') return []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map((pid) => describe(pid, `${MARKER}=${marker}`)))
  return found.filter((live) => live !== undefined)
}

async function describe(pid: string, variable: string): Promise<LiveProcess | undefined> {
  try {
    const [environ, command] = await Promise.all([
      readFile(`/proc/${pid}/environ`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ])
    // A zombie has an empty environment: it has exited.
    if (!environ.split('\0').includes(variable)) return undefined
    return { pid: Number(pid), command: command.replaceAll('\0', ' ').trim() }
  } catch {
    return undefined
  }
}
