import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const KILOBYTES = 1024

/**
 * Memory of the child processes of this one, in MB. On Linux what processes share is divided between them
 * (proportional set size); elsewhere it is counted for each.
 */
export async function childrenMemory(): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=,comm='])
  const children = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, , command]) => Number(parent) === process.pid && command !== 'ps')
  const sizes = await Promise.all(
    children.map(async ([pid = '', , resident]) => (await proportional(pid)) ?? Number(resident)),
  )
  return sizes.reduce((sum, size) => sum + size, 0) / KILOBYTES
}

async function proportional(pid: string): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const size = /^Pss:\s+(\d+) kB/m.exec(text)?.[1]
  return size === undefined ? undefined : Number(size)
}
