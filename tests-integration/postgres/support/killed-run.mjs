// A run that is killed together with its PostgreSQL, as soon as that has made its shared memory.
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newRunId } from '@vitest-lanes/server'
import { startCluster } from '../../../packages/postgres/dist/cluster/start-cluster.js'
import { openHome } from '../../../packages/postgres/dist/own/launch.js'
import { copyInitialised, majorOf } from '../../../packages/postgres/dist/own/prepare-data.js'
import { openSetting } from '../../../packages/postgres/dist/own/setting.js'
import { resolveOptions } from '../../../packages/postgres/dist/resolve-options.js'

const run = { resource: 'postgres', runId: newRunId(), root: tmpdir(), lanes: 1, instances: 1, log() {} }
const setting = await openSetting(resolveOptions({ engine: process.argv[2] }), run)
const home = await openHome(setting, '')
const { version } = await copyInitialised(setting, home.data)
await setting.cache.settled()
void startCluster({
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
setInterval(() => {
  const lines = (read(join(home.data, 'postmaster.pid')) ?? '').split('\n')
  if (!/\d+\s+\d+/.test(lines[6] ?? '')) return
  console.log(lines[0])
  process.kill(Number(lines[0]), 'SIGKILL')
  process.kill(process.pid, 'SIGKILL')
}, 1)

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
