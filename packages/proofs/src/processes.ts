import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { MARKER, type Lab } from './lab.ts'

export interface LiveProcess {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/**
 * Processes of a project's runs: they inherited its marker, or are at home in one of its folders (PostgreSQL gets no
 * environment of ours). Where there is no `/proc`, those whose command line names such a folder.
 */
export async function processesOf(lab: Lab): Promise<LiveProcess[]> {
  if (process.platform !== 'linux') return byCommandLine(lab)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map((pid) => look(pid, lab)))
  return found.filter((live) => live !== undefined)
}

async function look(pid: string, lab: Lab): Promise<LiveProcess | undefined> {
  try {
    const [environ, command, status, cwd] = await Promise.all([
      readFile(`/proc/${pid}/environ`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
      readlink(`/proc/${pid}/cwd`),
    ])
    const marked = environ.split('\0').includes(`${MARKER}=${lab.marker}`)
    if (!marked && !isOurs(`${command} ${cwd}`, lab)) return undefined
    const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1])
    return { pid: Number(pid), parent, command: command.replaceAll('\0', ' ').trim() }
  } catch {
    // Gone by now, a zombie, or of another user.
    return undefined
  }
}

async function byCommandLine(lab: Lab): Promise<LiveProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='])
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/)
    const text = command.join(' ')
    return isOurs(text, lab) ? [{ pid: Number(pid), parent: Number(parent), command: text }] : []
  })
}

function isOurs(text: string, { root, bases, folders }: Lab): boolean {
  return (
    text.includes(root) || text.includes(bases[0] ?? root) || [...folders].some((path) => text.includes(path))
  )
}
