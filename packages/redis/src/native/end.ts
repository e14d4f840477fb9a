import type { ServerProcess } from '@vitest-lanes/server'

/** The end of the servers of one instance. */
export interface End {
  /** Resolves with a reason when one of them ends unasked. */
  readonly died: Promise<string>
  /** Ends them all: they keep nothing that they would have to save. */
  readonly stop: () => Promise<void>
  /** Ends one, and watches the one that comes in its place. */
  replace(process: ServerProcess, by: () => Promise<ServerProcess>): Promise<ServerProcess>
}

export function endOf(processes: readonly ServerProcess[]): End {
  const present = new Set<ServerProcess>()
  let tell: ((reason: string) => void) | undefined
  const died = new Promise<string>((resolve) => (tell = resolve))
  const watch = (process: ServerProcess) => {
    present.add(process)
    void process.exited.then(({ code, signal }) => {
      if (!present.delete(process)) return
      const lastLines = process.lastOutput().trim().split('\n').slice(-3).join('\n')
      tell?.(`it ended (${signal ?? `exit code ${code}`}). It printed last:\n${lastLines}`)
    })
  }
  const kill = async (process: ServerProcess) => {
    present.delete(process)
    await process.stop({ signal: 'SIGKILL' })
  }
  for (const process of processes) watch(process)
  return {
    died,
    async stop() {
      await Promise.all(Array.from(present, kill))
    },
    async replace(process, by) {
      await kill(process)
      const next = await by()
      watch(next)
      return next
    },
  }
}
