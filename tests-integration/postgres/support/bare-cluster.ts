import { tmpdir } from 'node:os'
import type { Engine } from '@vitest-lanes/server'
import { newRunId } from '@vitest-lanes/server'
import { startCluster } from '../../../packages/postgres/dist/cluster/start-cluster.js'
import type { ClusterOptions } from '../../../packages/postgres/dist/cluster/start-cluster.js'
import { openHome } from '../../../packages/postgres/dist/own/launch.js'
import { copyInitialised, majorOf } from '../../../packages/postgres/dist/own/prepare-data.js'
import { openSetting } from '../../../packages/postgres/dist/own/setting.js'
import { resolveOptions } from '../../../packages/postgres/dist/resolve-options.js'

/** A server of ours that starts, with nothing around it. */
export async function startBare(engine: Engine, more: Partial<ClusterOptions> = {}) {
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
    ...more,
  })
  // Whoever waits for it is told.
  starting.catch(() => undefined)
  return { data: home.data, starting, close: () => setting.close() }
}
