import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { freePort, newRunId } from '@vitest-lanes/server'
import { expect, test } from 'vitest'
import { startCluster } from '../../packages/postgres/dist/cluster/start-cluster.js'
import { openHome } from '../../packages/postgres/dist/own/launch.js'
import { copyInitialised, majorOf } from '../../packages/postgres/dist/own/prepare-data.js'
import { openSetting } from '../../packages/postgres/dist/own/setting.js'
import { resolveOptions } from '../../packages/postgres/dist/resolve-options.js'
import { ENGINES } from './support/provider.ts'

test.each(ENGINES)('a port that is taken between choice and use is chosen anew, %s', async (engine) => {
  const run = { resource: 'postgres', runId: newRunId(), root: tmpdir(), lanes: 1, instances: 1, log() {} }
  const setting = await openSetting(resolveOptions({ engine }), run)
  const home = await openHome(setting, '')
  const { version } = await copyInitialised(setting, home.data)
  const foreign = createServer()
  const ports: number[] = []
  const cluster = await startCluster({
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
    async choosePort() {
      const port = await freePort()
      // Somebody else is faster.
      if (ports.push(port) === 1) await once(foreign.listen(port, '127.0.0.1'), 'listening')
      return port
    },
  })
  expect(ports).toHaveLength(2)
  expect(cluster.port).toBe(ports[1])
  const session = await cluster.connect('postgres')
  expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  await session.end()
  await cluster.stop()
  foreign.close()
  await setting.close()
})
