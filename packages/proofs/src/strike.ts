import { setTimeout } from 'node:timers/promises'
import type { Lab } from './lab.ts'
import { processesOf, type LiveProcess } from './processes.ts'
import { pick } from './random.ts'
import { runFolders, serversIn, type VitestRun } from './vitest-run.ts'

/** Who is killed: Vitest, a worker of it, a server of it, or all at once, as when the power fails. */
export const VICTIMS = ['vitest', 'worker', 'server', 'all'] as const
export type Victim = (typeof VICTIMS)[number]

/**
 * Kills with SIGKILL after so many ms, or as soon as there is somebody of that kind.
 * @returns who was killed, for the log; `undefined` if the run was over before
 */
export async function strike(
  lab: Lab,
  run: VitestRun,
  victim: Victim,
  delay: number,
  random: () => number,
): Promise<string | undefined> {
  await setTimeout(delay)
  while (!run.isOver()) {
    const targets = await targetsOf(lab, run, victim)
    const chosen = victim === 'all' ? targets : [pick(random, targets)].filter((one) => one !== undefined)
    const killed = chosen.filter(({ pid }) => kill(pid))
    if (killed.length > 0) return killed.map(({ command }) => shortened(command)).join(' + ')
    await setTimeout(5)
  }
  return undefined
}

async function targetsOf(
  lab: Lab,
  { pid }: VitestRun,
  victim: Victim,
): Promise<Pick<LiveProcess, 'pid' | 'command'>[]> {
  switch (victim) {
    case 'vitest':
      return [{ pid, command: 'vitest' }]
    case 'worker':
      return (await processesOf(lab)).filter(
        ({ parent, command }) => parent === pid && /vitest[^ ]*\/workers\//.test(command),
      )
    case 'server': {
      const pids = await Promise.all((await runFolders(lab)).map(serversIn))
      return pids.flat().map((server) => ({ pid: server, command: 'server' }))
    }
    case 'all':
      // Vitest first: what is killed after it finds nobody who would clean up.
      return [{ pid, command: 'vitest' }, ...(await processesOf(lab)).filter((one) => one.pid !== pid)]
    default:
      return victim satisfies never
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

function shortened(command: string): string {
  return command.replace(/^\S*\//, '').slice(0, 40)
}
