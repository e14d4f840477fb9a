import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startBare } from './support/bare-cluster.ts'
import { ENGINES } from './support/provider.ts'

const KILLED_RUN = fileURLToPath(new URL('support/killed-run.mjs', import.meta.url))

test.runIf(process.platform === 'linux').each(ENGINES)(
  'a server that is killed while it starts leaves no shared memory, %s',
  async (engine) => {
    const { data, starting, close } = await startBare(engine)
    const ended = starting.then(
      (cluster) => cluster.process.exited,
      () => undefined,
    )
    const pid = await segmentMaker(join(data, 'postmaster.pid'))
    process.kill(pid, 'SIGKILL')
    await ended
    await close()

    expect(await makers()).not.toContain(pid)
  },
)

test.runIf(process.platform === 'linux').each(ENGINES)(
  'nor does one that is killed together with its run, once the next has begun, %s',
  async (engine) => {
    const { stdout } = await promisify(execFile)(process.execPath, [KILLED_RUN, engine]).catch(
      (error: unknown) => error as { stdout: string },
    )
    const pid = Number(stdout.trim())
    expect(await makers()).toContain(pid)

    const next = await startBare(engine)
    await (await next.starting).stop()
    await next.close()

    expect(await makers()).not.toContain(pid)
  },
)

/** Processes that made the segments which there are. */
async function makers(): Promise<number[]> {
  const table = await readFile('/proc/sysvipc/shm', 'utf8')
  return table.split('\n').map((line) => Number(line.trim().split(/\s+/)[4]))
}

/** The server, as soon as it has made its segment. */
async function segmentMaker(file: string): Promise<number> {
  for (;;) {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
    if (/\d+\s+\d+/.test(lines[6] ?? '')) return Number(lines[0])
    await setTimeout(1)
  }
}
