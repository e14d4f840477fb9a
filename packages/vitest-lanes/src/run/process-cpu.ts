import { readFileSync } from 'node:fs'

// Linux counts CPU in hundredths of a second, whatever the kernel's own clock is (`USER_HZ`).
const TICK_MS = 10
// Of /proc/<pid>/stat, behind the name in parentheses: user, system, and the same of children that have ended.
const FIRST = 11
const LAST = 15

/**
 * How long the main thread of a process was ready to run and no core was free, in ms. Undefined where that cannot be
 * read: only Linux tells, in the second number of /proc/<pid>/schedstat, in nanoseconds.
 */
export function processStall(pid: number): number | undefined {
  try {
    const [, waited] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')
    return waited === undefined ? undefined : Math.round(Number(waited) / 1e6)
  } catch {
    return undefined
  }
}

/**
 * CPU that a process and what it started have used so far, in ms. Undefined where that cannot be read: the process
 * has gone, or the system is not Linux.
 */
export function processCpu(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const ticks = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(FIRST, LAST)
      .map(Number)
    return ticks.reduce((sum, each) => sum + each, 0) * TICK_MS
  } catch {
    return undefined
  }
}
