import { readFileSync } from 'node:fs'
import { cpus, freemem } from 'node:os'
import type { MachineLoad } from '@vitest-lanes/core'

/** Looks at the machine: each look tells of the time since the one before it. */
export function machineLoad(): () => MachineLoad {
  let last = look()
  return () => {
    const now = look()
    const busy = now.busy - last.busy
    const idle = now.idle - last.idle
    const time = now.at - last.at
    const stalled =
      now.stalled === undefined || last.stalled === undefined || time <= 0
        ? undefined
        : Math.min(1, (now.stalled - last.stalled) / time)
    last = now
    return { idle: busy + idle > 0 ? idle / (busy + idle) : 1, stalled, freeMemory: availableMemory() }
  }
}

interface Look {
  /** ms. */
  readonly at: number
  readonly busy: number
  readonly idle: number
  readonly stalled: number | undefined
}

function look(): Look {
  let busy = 0
  let idle = 0
  for (const { times } of cpus()) {
    idle += times.idle
    busy += times.user + times.nice + times.sys + times.irq
  }
  return { at: performance.now(), busy, idle, stalled: pressure() }
}

/** ms in which something waited for a core, since the system started: Linux, from 4.20 on, where it is not turned off. */
function pressure(): number | undefined {
  try {
    const total = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'latin1'))?.[1]
    return total === undefined ? undefined : Number(total) / 1000
  } catch {
    return undefined
  }
}

/** What can be had without swapping; Node.js counts what the system could give back at once as used on Linux. */
export function availableMemory(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1]
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024
  } catch {
    return freemem()
  }
}
