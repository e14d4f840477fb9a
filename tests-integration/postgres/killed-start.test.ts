import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { newRunId } from '@vitest-lanes/server'
import { expect, test } from 'vitest'
import { startCluster } from '../../packages/postgres/dist/cluster/start-cluster.js'
import { openHome } from '../../packages/postgres/dist/own/launch.js'
import { copyInitialised, majorOf } from '../../packages/postgres/dist/own/prepare-data.js'
import { openSetting } from '../../packages/postgres/dist/own/setting.js'
import { resolveOptions } from '../../packages/postgres/dist/resolve-options.js'
import { ENGINES } from './support/provider.ts'

test.runIf(process.platform === 'linux').each(ENGINES)(
  'a server that is killed while it starts leaves no shared memory, %s',
  async (engine) => {
    const run = { resource: 'postgres', runId: newRunId(), root: tmpdir(), lanes: 1, instances: 1, log() {} }
    const setting = await openSetting(resolveOptions({ engine }), run)
    const home = await openHome(setting, '')
    const { version } = await copyInitialised(setting, home.data)
    const starting = startCluster({
      name: 'PostgreSQL',
      binaries: setting.binaries,
      account: setting.account,
      runFolder: setting.runFolder,
      base: setting.cacheBase,
      data: home.data,
      socketFolder: home.socketFolder,
      major: majorOf(version),
      maxConnections: 10,
      settings: {},
    })
    const ended = starting.then(
      (cluster) => cluster.process.exited,
      () => undefined,
    )
    const pid = await segmentMaker(join(home.data, 'postmaster.pid'))
    process.kill(pid, 'SIGKILL')
    await ended
    await setting.close()

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
