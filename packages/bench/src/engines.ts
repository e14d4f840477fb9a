import { findBinary, type Engine } from '@vitest-lanes/server'
import { remark } from './judge.ts'

/** Folders of distributions, which the providers look into as well. */
const DEBIAN = ['15', '16', '17', '18'].map((major) => `/usr/lib/postgresql/${major}/bin`)

/** Engines of Redis that this machine has. */
export async function redisEngines(): Promise<readonly Engine[]> {
  const native = await findBinary(['valkey-server', 'redis-server'], ['/usr/bin', '/opt/homebrew/bin'])
  if (native !== undefined) return ['native', 'embedded']
  remark('no redis-server or valkey-server here: its figures are left out')
  return ['embedded']
}

/** Engines that this machine has for both Redis and PostgreSQL. */
export async function commonEngines(): Promise<readonly Engine[]> {
  const [redis, postgres] = await Promise.all([redisEngines(), findBinary(['postgres'], DEBIAN)])
  if (postgres !== undefined) return redis
  remark('no PostgreSQL on the PATH: figures of native servers are left out')
  return redis.filter((engine) => engine === 'embedded')
}
