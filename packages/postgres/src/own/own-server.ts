import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
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
import { sweepSegments } from '../cluster/shared-memory.ts'
import { newPassword, scramVerifier } from '../cluster/verifier.ts'
import { serverAccount, type Account } from '../engine/account.ts'
import type { Binaries } from '../engine/binaries.ts'
import { chooseBinaries } from '../engine/choose.ts'
import { readPlan, type Plan } from '../migrations/plan.ts'
import type { DatabaseServer } from '../database-server.ts'
import type { ResolvedOptions } from '../options.ts'
import { quoteIdent, quoteLiteral } from '../sql/quote.ts'
import type { Session } from '../sql/session.ts'
import { buildTemplate, type Template } from '../template/build-template.ts'
import { copyInitialised, initialKey, majorOf } from './prepare-data.ts'

/** Of the database that all others are cloned from, on a server of ours. */
const TEMPLATE = 'lanes_template'
/** What one file may open at the same time; PostgreSQL's own default for a whole server. */
const CONNECTIONS_PER_LANE = 100
const MOST_CONNECTIONS = 2_000

/** All that the steps of a start share. */
interface Setting {
  readonly run: RunContext
  readonly options: ResolvedOptions
  readonly plan: Plan
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly bases: Bases
  readonly cache: ClusterCache
  readonly runFolder: RunFolder
  readonly data: string
  readonly password: string
}

/** A server that runs, and our session on it. */
interface Live {
  readonly cluster: Cluster
  readonly admin: Session
}

interface Served {
  readonly meta: ClusterMeta
  readonly live: Live
  /** Resolves when all data is in its place. */
  readonly whole: Promise<void>
}

/**
 * Starts a server, with the template built or taken from the cache.
 * @throws LANES_OPTION_INVALID, LANES_PEER_MISSING, LANES_SERVER_MISSING before anything is started;
 *   LANES_SERVER_START, LANES_MIGRATION after everything was taken away again
 */
export async function startOwnServer(options: ResolvedOptions, run: RunContext): Promise<DatabaseServer> {
  const plan = await readPlan(options, run.root)
  const account = await serverAccount()
  const bases = await chooseBases(account)
  const [binaries, cache] = await Promise.all([
    chooseBinaries(options.engine, run.root, account, bases.cache),
    openClusterCache({ base: bases.cache, account }),
  ])
  const swept = sweep(bases)
  const runFolder = await openRunFolder({ runId: run.runId, base: bases.data })
  const data = path.join(runFolder.path, 'data')
  const close = async () => {
    await swept
    await removeTree(data)
    await runFolder.close()
  }
  try {
    await privateFolder(path.join(runFolder.path, 's'), account)
    return await serve(
      { run, options, plan, binaries, account, bases, cache, runFolder, data, password: newPassword() },
      close,
    )
  } catch (error) {
    await close()
    throw error
  }
}

async function sweep(bases: Bases): Promise<void> {
  await Promise.allSettled([...new Set([bases.cache, bases.data])].map((base) => sweepDeadRuns(base)))
  await sweepSegments(bases.cache).catch(() => undefined)
}

async function serve(setting: Setting, close: () => Promise<void>): Promise<DatabaseServer> {
  const { run, options, binaries, bases, runFolder, password } = setting
  const { meta, live, whole } = (await fromKept(setting)) ?? (await fromScratch(setting))
  const { cluster, admin } = live
  const template = { name: TEMPLATE, bytes: meta.templateBytes, extras: meta.templateExtras }
  let stopping = false
  return {
    source: sourceOf(binaries, meta),
    details: `${path.dirname(binaries.postgres)}, data in ${bases.inMemory ? 'memory' : bases.data}`,
    address: addressOfCluster(cluster, password),
    major: majorOf(meta.version),
    template,
    strategy: options.strategy ?? (majorOf(meta.version) >= 15 ? 'file_copy' : undefined),
    createSuffix: '',
    ahead: await mostAhead(runFolder.path, template.bytes, run.instances),
    private: true,
    admin,
    whole,
    connect: () => cluster.connect('postgres'),
    lost: new Promise((resolve) => {
      void cluster.process.exited.then(({ code, signal }) => {
        if (!stopping) resolve(`PostgreSQL ended by itself (${signal ?? `exit code ${code}`}).`)
      })
    }),
    async stop() {
      stopping = true
      await whole.catch(() => undefined)
      await admin.end().catch(() => undefined)
      await cluster.stop()
      await close()
    },
  }
}

function keyOf({ plan, binaries, account, options }: Setting): string | undefined {
  if (plan.hash === undefined) return undefined
  return clusterKey(initialKey({ binaries, account, locale: options.locale }), plan.hash, options.settings)
}

/** With the template that an earlier run built. */
async function fromKept(setting: Setting): Promise<Served | undefined> {
  const { cache, data } = setting
  const key = keyOf(setting)
  const meta = key === undefined ? undefined : await cache.find(key)
  if (key === undefined || meta === undefined) return undefined
  const copyRest = await cache.copyTo(key, data, meta.late)
  if (copyRest === undefined) return undefined
  let whole = Promise.resolve()
  const live = await start(setting, meta, () => {
    whole = copyRest()
    // Whoever opens a database is told; perhaps nobody does.
    whole.catch(() => undefined)
  })
  return { meta, live, whole }
}

/** Builds the template, and keeps it if it can be told when it is out of date. */
async function fromScratch(setting: Setting): Promise<Served> {
  const { cache, data, account, options, binaries } = setting
  const initial = await copyInitialised({ cache, binaries, account, locale: options.locale }, data)
  const live = await start(setting, initial)
  try {
    const template = await build(setting, live)
    const known = {
      version: initial.version,
      templateBytes: template.bytes,
      templateExtras: template.extras,
      late: await untouchedFolders(live.admin),
    }
    const key = keyOf(setting)
    if (key === undefined) return { meta: { ...initial, ...known }, live, whole: Promise.resolve() }
    await live.admin.end()
    await live.cluster.stop({ keep: true })
    const meta = await cache.make(key, async (target) => {
      await copyTree(data, target, account)
      return known
    })
    return { meta, live: await start(setting, meta), whole: Promise.resolve() }
  } catch (error) {
    await live.cluster.stop()
    throw error
  }
}

/** Of the databases that nobody uses before a test does: half of what there is to copy. */
async function untouchedFolders(admin: Session): Promise<string[]> {
  const rows = await admin.query(
    "SELECT oid FROM pg_catalog.pg_database WHERE datname IN ('template0', 'template1') AND dattablespace = 1663",
  )
  return rows.map((row) => `base/${String(row['oid'])}`)
}

/** `started` is called when the server runs, and before anything waits for it. */
async function start(setting: Setting, meta: ClusterMeta, started?: () => unknown): Promise<Live> {
  const { run, options, binaries, account, bases, runFolder, data, password } = setting
  const verifier = scramVerifier(password)
  const cluster = await startCluster({
    name: sourceOf(binaries, meta),
    binaries,
    account,
    runFolder,
    base: bases.cache,
    data,
    socketFolder: path.join(runFolder.path, 's'),
    major: majorOf(meta.version),
    maxConnections: Math.min(MOST_CONNECTIONS, CONNECTIONS_PER_LANE * Math.max(1, run.lanes) + 20),
    settings: options.settings,
  })
  const connecting = cluster.connect('postgres')
  started?.()
  const admin = await connecting
  await admin.query(`ALTER ROLE ${quoteIdent(SUPERUSER)} PASSWORD ${quoteLiteral(await verifier)}`)
  return { cluster, admin }
}

function build(setting: Setting, { cluster, admin }: Live): Promise<Template> {
  const { options, plan, run, password } = setting
  return buildTemplate(admin, {
    name: TEMPLATE,
    steps: plan.steps,
    root: run.root,
    server: addressOfCluster(cluster, password),
    env: options.env,
    connect: (database) => cluster.connect(database),
  })
}

function sourceOf(binaries: Binaries, meta: ClusterMeta): string {
  return `${binaries.engine} PostgreSQL ${meta.version}`
}

function addressOfCluster(cluster: Cluster, password: string): ServerAddress {
  return { host: '127.0.0.1', port: cluster.port, user: SUPERUSER, password }
}

/** Node takes three times as long as `rm` over the thousands of files of a cluster, or holds the event loop. */
async function removeTree(folder: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--', folder]).catch(() => undefined)
}

/** No more clones than are used at once, and no more than fit in a quarter of the room that there is. */
async function mostAhead(folder: string, bytes: number, instances: number): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  const room = Math.floor((bavail * bsize) / 4 / Math.max(1, bytes))
  return Math.max(1, Math.min(instances, room))
}
