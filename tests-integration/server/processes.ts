import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import path from 'node:path'
import { processIdentity } from '@vitest-lanes/server'

const fixtures = path.join(import.meta.dirname, 'fixtures')
export const fixture = (name: string): string => path.join(fixtures, name)

export interface StartedRun {
  readonly process: ChildProcess
  readonly folder: string
  readonly pid: number
}

/** Starts a Node process that opens a run folder and one server in it. */
export async function startRun(base: string, server = 'obedient.mjs', then = 'wait'): Promise<StartedRun> {
  const child = spawn(process.execPath, [fixture('run.mjs'), base, fixture(server), then], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const { folder, pid }: { folder: string; pid: number } = JSON.parse(line)
    return { process: child, folder, pid }
  }
  throw new Error('The run ended before its server was ready.')
}

/** Kills a run as nothing can prevent, and waits until it has gone. */
export async function killRun(run: StartedRun): Promise<void> {
  const gone = once(run.process, 'exit')
  run.process.kill('SIGKILL')
  await gone
}

/** Resolves when there is no such process any more; never if it stays. */
export async function ended(pid: number): Promise<'ended'> {
  while ((await processIdentity(pid)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10))
  return 'ended'
}

/** Process id of the watcher beside a server: the shell whose script ends in the server's command line. */
export function watcherOf(pid: number): number {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,command='], { encoding: 'utf8' }).split('\n')
  const found = lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)/.exec(line))
    .find((match) => match?.[2] === String(pid) && match[1] !== match[2])
  if (found === undefined || found === null) throw new Error(`Server ${pid} has no watcher.`)
  return Number(found[1])
}
