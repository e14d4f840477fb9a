import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { RunContext } from '@vitest-lanes/core'
import { openRunFolder, sweepDeadRuns, type RunFolder } from '@vitest-lanes/server'
import { chooseBases, type Bases } from '../cluster/bases.ts'
import { openClusterCache, type ClusterCache } from '../cluster/cluster-cache.ts'
import { SUPERUSER } from '../cluster/initdb.ts'
import { sweepSegments } from '../cluster/shared-memory.ts'
import { newPassword } from '../cluster/verifier.ts'
import { serverAccount, type Account } from '../engine/account.ts'
import type { Binaries } from '../engine/binaries.ts'
import { chooseBinaries } from '../engine/choose.ts'
import { readPlan, type Plan } from '../migrations/plan.ts'
import type { ResolvedOptions } from '../options.ts'

/** All that the servers which we start in one run have in common. */
export interface Setting {
  readonly run: RunContext
  readonly options: ResolvedOptions
  readonly plan: Plan
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly bases: Bases
  readonly cache: ClusterCache
  readonly runFolder: RunFolder
  /** Of the superuser. */
  readonly password: string
  /** Removes the run's folder, with all that is in it. End its servers first. */
  close(): Promise<void>
}

/**
 * Finds and checks all that is needed to start a server, and makes the run's folder.
 * @throws LANES_OPTION_INVALID, LANES_PEER_MISSING, LANES_SERVER_MISSING, LANES_SERVER_START
 */
export async function openSetting(options: ResolvedOptions, run: RunContext): Promise<Setting> {
  const plan = await readPlan(options, run.root)
  const account = await serverAccount()
  const bases = await chooseBases(account)
  const [binaries, cache] = await Promise.all([
    chooseBinaries(options.engine, run.root, account, bases.cache),
    openClusterCache({ base: bases.cache, account }),
  ])
  const swept = sweep(bases)
  const runFolder = await openRunFolder({ runId: run.runId, base: bases.data })
  return {
    run,
    options,
    plan,
    binaries,
    account,
    bases,
    cache,
    runFolder,
    password: options.users[SUPERUSER] ?? newPassword(),
    async close() {
      await swept
      await runFolder.close()
    },
  }
}

async function sweep(bases: Bases): Promise<void> {
  await Promise.allSettled([...new Set([bases.cache, bases.data])].map((base) => sweepDeadRuns(base)))
  await sweepSegments(bases.cache).catch(() => undefined)
}

/** Node takes three times as long as `rm` over the thousands of files of a cluster, or holds the event loop. */
export async function removeTree(folder: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--', folder]).catch(() => undefined)
}

/** As many as are wanted, and no more than fit in a quarter of the room that there is. */
export async function fitting(folder: string, bytes: number, wanted: number): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  const room = Math.floor((bavail * bsize) / 4 / Math.max(1, bytes))
  return Math.max(1, Math.min(wanted, room))
}
