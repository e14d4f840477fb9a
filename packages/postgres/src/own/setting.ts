import { statfs } from 'node:fs/promises'
import type { RunContext } from '@vitest-lanes/core'
import { openRunFolder, sweepDeadRuns, type RunFolder } from '@vitest-lanes/server'
import { chooseCacheBase, chooseDataBase } from '../cluster/bases.ts'
import {
  clusterKey,
  openClusterCache,
  type ClusterCache,
  type ClusterMeta,
} from '../cluster/cluster-cache.ts'
import { SUPERUSER } from '../cluster/initdb.ts'
import { closeRunFolder } from '../cluster/remove-tree.ts'
import { segmentsOfRuns, sweepSegments } from '../cluster/shared-memory.ts'
import { newPassword } from '../cluster/verifier.ts'
import { serverAccount, type Account } from '../engine/account.ts'
import type { Binaries } from '../engine/binaries.ts'
import { chooseBinaries } from '../engine/choose.ts'
import { readPlan, type Plan } from '../migrations/plan.ts'
import type { ResolvedOptions } from '../options.ts'
import { initialKey } from './prepare-data.ts'

/** All that the servers which we start in one run have in common. */
export interface Setting {
  readonly run: RunContext
  readonly options: ResolvedOptions
  readonly plan: Plan
  readonly binaries: Binaries
  readonly account: Account | undefined
  /** The folder that holds the cache. */
  readonly cacheBase: string
  readonly cache: ClusterCache
  /** Under which the migrated cluster is kept; `undefined` where nothing tells when it is out of date. */
  readonly key: string | undefined
  /** What is known of the migrated cluster, where an earlier run kept it. */
  readonly kept: ClusterMeta | undefined
  readonly runFolder: RunFolder
  /** Whether the run's folder is in memory. */
  readonly inMemory: boolean
  /** Of the superuser. */
  readonly password: string
  /** Removes the run's folder, with all that is in it. End its servers first. */
  close(): Promise<void>
}

/**
 * Finds and checks all that is needed to start a server, and makes the run's folder. `keyParts`: what the migrated
 * cluster depends on beside migrations, server and settings; `bytes`: what is known of how large its data becomes.
 * @throws LANES_OPTION_INVALID, LANES_PEER_MISSING, LANES_SERVER_MISSING, LANES_SERVER_START
 */
export async function openSetting(
  options: ResolvedOptions,
  run: RunContext,
  keyParts: readonly unknown[] = [],
  bytes = 0,
): Promise<Setting> {
  const plan = await readPlan(options, run.root)
  const account = await serverAccount()
  const cacheBase = await chooseCacheBase(account)
  const [binaries, cache] = await Promise.all([
    chooseBinaries(options.engine, run.root, account, cacheBase),
    openClusterCache({ base: cacheBase, account, warn: (line) => run.log(line) }),
  ])
  const key =
    plan.hash === undefined
      ? undefined
      : clusterKey(initialKey({ binaries, account, options }), plan.hash, options.settings, ...keyParts)
  const kept = key === undefined ? undefined : await cache.find(key)
  const base = await chooseDataBase(cacheBase, Math.max(bytes, kept === undefined ? 0 : bytesOf(kept, run)))
  const swept = sweep(cacheBase, base.path)
  const runFolder = await openRunFolder({ runId: run.runId, base: base.path })
  return {
    run,
    options,
    plan,
    binaries,
    account,
    cacheBase,
    cache,
    key,
    kept,
    runFolder,
    inMemory: base.inMemory,
    password: options.users[SUPERUSER] ?? newPassword(),
    async close() {
      await swept
      await cache.settled()
      await closeRunFolder(runFolder)
    },
  }
}

/** What a run takes at most: those in use, as many ahead, and some that wait to be dropped. */
export function bytesOf({ bytes, templateBytes }: ClusterMeta, { instances, lanes }: RunContext): number {
  return bytes + (Math.min(instances, lanes) * 2 + 1) * templateBytes
}

/** Whether the data would go where it is, had it been known how large it becomes. */
export async function stillFits({ inMemory, cacheBase, run }: Setting, meta: ClusterMeta): Promise<boolean> {
  return !inMemory || (await chooseDataBase(cacheBase, bytesOf(meta, run))).inMemory
}

async function sweep(cacheBase: string, dataBase: string): Promise<void> {
  const bases = [...new Set([cacheBase, dataBase])]
  const clearings = await Promise.all(bases.map((base) => segmentsOfRuns(base)))
  await Promise.allSettled(bases.map((base) => sweepDeadRuns(base)))
  for (const clear of clearings) await clear()
  await sweepSegments(cacheBase).catch(() => undefined)
}

/** As many as are wanted, and no more than fit in a quarter of the room that there is. */
export async function fitting(folder: string, bytes: number, wanted: number): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  const room = Math.floor((bavail * bsize) / 4 / Math.max(1, bytes))
  return Math.max(1, Math.min(wanted, room))
}
