import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startBare } from './support/bare-cluster.ts'
import { ENGINES } from './support/provider.ts'

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

    const makers = (await readFile('/proc/sysvipc/shm', 'utf8'))
      .split('\n')
      .map((line) => line.trim().split(/\s+/)[4])
    expect(makers).not.toContain(String(pid))
  },
)

/** The server, as soon as it has made its segment. */
async function segmentMaker(file: string): Promise<number> {
  for (;;) {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
    if (/\d+\s+\d+/.test(lines[6] ?? '')) return Number(lines[0])
    await setTimeout(1)
  }
}
