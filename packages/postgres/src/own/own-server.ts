import path from 'node:path'
import type { RunContext } from '@vitest-lanes/core'
import { openRunFolder, sweepDeadRuns, type RunFolder } from '@vitest-lanes/server'
import type { ServerAddress } from '../address.ts'
import { chooseBases, type Bases } from '../cluster/bases.ts'
import {
  clusterKey,
  openClusterCache,
  type ClusterCache,
  type ClusterMeta,
} from '../cluster/cluster-cache.ts'
import { copyTree, privateFolder } from '../cluster/copy-tree.ts'
import { SUPERUSER } from '../cluster/initdb.ts'
import { startCluster, type Cluster } from '../cluster/start-cluster.ts'
import { newPassword, scramVerifier } from '../cluster/verifier.ts'
import { serverAccount, type Account } from '../engine/account.ts'
import type { Binaries } from '../engine/binaries.ts'
import { chooseBinaries } from '../engine/choose.ts'
import { readPlan, type Plan } from '../migrations/plan.ts'
import type { ResolvedOptions } from '../options.ts'
import { quoteIdent, quoteLiteral } from '../sql/quote.ts'
import type { Session } from '../sql/session.ts'
import { buildTemplate } from '../template/build-template.ts'
import { copyInitialised, initialKey, majorOf } from './prepare-data.ts'

/** Of the database that all others are cloned from, on a server of ours. */
export const TEMPLATE = 'lanes_template'
/** What one file may open at the same time; PostgreSQL's own default for a whole server. */
const CONNECTIONS_PER_LANE = 100
const MOST_CONNECTIONS = 2_000

/** A server that we started, with the sealed template in it. */
export interface OwnServer {
  /** `native PostgreSQL 15.18`. */
  readonly source: string
  /** Where it lies and where its data does, for the log. */
  readonly details: string
  readonly address: ServerAddress
  readonly major: number
  readonly templateBytes: number
  /** Folder of its data, to see how much room there is. */
  readonly folder: string
  connect(database: string): Promise<Session>
  /** Resolves with a sentence when it ends unasked. */
  readonly lost: Promise<string>
  stop(): Promise<void>
}

interface Setting {
  readonly run: RunContext
  readonly options: ResolvedOptions
  readonly plan: Plan
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly bases: Bases
  readonly cache: ClusterCache
  readonly runFolder: RunFolder
  readonly password: string
}

/**
 * Starts a server, with the template built or taken from the cache.
 * @throws LANES_OPTION_INVALID, LANES_PEER_MISSING, LANES_SERVER_MISSING before anything is started;
 *   LANES_SERVER_START, LANES_MIGRATION after everything was taken away again
 */
export async function startOwnServer(options: ResolvedOptions, run: RunContext): Promise<OwnServer> {
  const plan = await readPlan(options, run.root)
  const account = await serverAccount()
  const bases = await chooseBases(account)
  const [binaries, cache] = await Promise.all([
    chooseBinaries(options.engine, run.root, account, bases.cache),
    openClusterCache({ base: bases.cache, account }),
  ])
  const swept = Promise.allSettled([...new Set([bases.cache, bases.data])].map((base) => sweepDeadRuns(base)))
  const runFolder = await openRunFolder({ runId: run.runId, base: bases.data })
  const close = async () => {
    await swept
    await runFolder.close()
  }
  try {
    const setting = {
      run,
      options,
      plan,
      binaries,
      account,
      bases,
      cache,
      runFolder,
      password: newPassword(),
    }
    return await serve(setting, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function serve(setting: Setting, close: () => Promise<void>): Promise<OwnServer> {
  const { options, plan, binaries, account, bases, cache, runFolder, password } = setting
  const data = path.join(runFolder.path, 'data')
  const key =
    plan.hash === undefined
      ? undefined
      : clusterKey(initialKey({ binaries, account, locale: options.locale }), plan.hash, options.settings)
  await privateFolder(path.join(runFolder.path, 's'), account)

  const kept = key === undefined ? undefined : await cache.find(key)
  const isKept = kept !== undefined && key !== undefined && (await cache.copyTo(key, data))
  const meta = isKept
    ? kept
    : await copyInitialised({ cache, binaries, account, locale: options.locale }, data)
  let cluster = await start(setting, data, meta)
  let templateBytes = meta.templateBytes
  if (!isKept) {
    try {
      templateBytes = await build(setting, cluster)
      if (key !== undefined) {
        await cluster.stop({ keep: true })
        await cache.make(key, async (target) => {
          await copyTree(data, target, account)
          return { version: meta.version, templateBytes }
        })
        cluster = await start(setting, data, meta)
      }
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }
  let stopping = false
  return {
    source: sourceOf(binaries, meta),
    details: `${path.dirname(binaries.postgres)}, data in ${bases.inMemory ? 'memory' : bases.data}`,
    address: addressOfCluster(cluster, password),
    major: majorOf(meta.version),
    templateBytes,
    folder: runFolder.path,
    connect: (database) => cluster.connect(database),
    lost: new Promise((resolve) => {
      void cluster.process.exited.then(({ code, signal }) => {
        if (!stopping) resolve(`PostgreSQL ended by itself (${signal ?? `exit code ${code}`}).`)
      })
    }),
    async stop() {
      stopping = true
      await cluster.stop()
      await close()
    },
  }
}

function sourceOf(binaries: Binaries, meta: ClusterMeta): string {
  return `${binaries.engine} PostgreSQL ${meta.version}`
}

function addressOfCluster(cluster: Cluster, password: string): ServerAddress {
  return { host: '127.0.0.1', port: cluster.port, user: SUPERUSER, password }
}

async function start(setting: Setting, data: string, meta: ClusterMeta): Promise<Cluster> {
  const { run, options, binaries, account, runFolder, password } = setting
  const cluster = await startCluster({
    name: sourceOf(binaries, meta),
    binaries,
    account,
    runFolder,
    data,
    socketFolder: path.join(runFolder.path, 's'),
    major: majorOf(meta.version),
    maxConnections: Math.min(MOST_CONNECTIONS, CONNECTIONS_PER_LANE * Math.max(1, run.lanes) + 20),
    settings: options.settings,
  })
  const [admin, verifier] = await Promise.all([cluster.connect('postgres'), scramVerifier(password)])
  await admin.query(`ALTER ROLE ${quoteIdent(SUPERUSER)} PASSWORD ${quoteLiteral(verifier)}`)
  await admin.end()
  return cluster
}

async function build(setting: Setting, cluster: Cluster): Promise<number> {
  const { options, plan, run, password } = setting
  const admin = await cluster.connect('postgres')
  try {
    return await buildTemplate(admin, {
      name: TEMPLATE,
      steps: plan.steps,
      root: run.root,
      server: addressOfCluster(cluster, password),
      env: options.env,
      connect: (database) => cluster.connect(database),
    })
  } finally {
    await admin.end()
  }
}
