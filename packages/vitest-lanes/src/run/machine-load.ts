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

/** Where a container is given less than its machine has (Linux, cgroup 2), that is what counts. */
const CGROUP = '/sys/fs/cgroup'

function look(): Look {
  const at = performance.now()
  const used = quotaUse(at)
  if (used !== undefined) return { at, ...used, stalled: pressure(`${CGROUP}/cpu.pressure`) }
  let busy = 0
  let idle = 0
  for (const { times } of cpus()) {
    idle += times.idle
    busy += times.user + times.nice + times.sys + times.irq
  }
  return { at, busy, idle, stalled: pressure('/proc/pressure/cpu') }
}

/** ms of CPU that were used, and could have been, since some moment; undefined where there is no quota. */
function quotaUse(at: number): { busy: number; idle: number } | undefined {
  const [quota = 0, period = 0] = read(`${CGROUP}/cpu.max`).split(' ').map(Number)
  const usage = /^usage_usec (\d+)/m.exec(read(`${CGROUP}/cpu.stat`))?.[1]
  if (!(quota > 0) || !(period > 0) || usage === undefined) return undefined
  const busy = Number(usage) / 1000
  return { busy, idle: (at * quota) / period - busy }
}

/** ms in which something waited for a core, since some moment: Linux, from 4.20 on, where it is not turned off. */
function pressure(file: string): number | undefined {
  const total = /^some .*total=(\d+)/m.exec(read(file))?.[1]
  return total === undefined ? undefined : Number(total) / 1000
}

/** What can be had without swapping; Node.js counts what the system could give back at once as used on Linux. */
export function availableMemory(): number {
  const kilobytes = /^MemAvailable:\s+(\d+)/m.exec(read('/proc/meminfo'))?.[1]
  const machine = kilobytes === undefined ? freemem() : Number(kilobytes) * 1024
  const limit = Number(read(`${CGROUP}/memory.max`))
  const used = Number(read(`${CGROUP}/memory.current`))
  // Files that were read count as used, though the system gives their memory back before it runs out.
  const cached = Number(/^inactive_file (\d+)/m.exec(read(`${CGROUP}/memory.stat`))?.[1] ?? 0)
  return limit > 0 && used > 0 ? Math.min(machine, limit - used + cached) : machine
}

/** Empty where there is no such file. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
