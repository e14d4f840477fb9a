import { readFileSync } from 'node:fs'

// Linux counts CPU in hundredths of a second, whatever the kernel's own clock is (`USER_HZ`).
const TICK_MS = 10
// Of /proc/<pid>/stat, behind the name in parentheses: user, system, and the same of children that have ended.
const FIRST = 11
const LAST = 15

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
