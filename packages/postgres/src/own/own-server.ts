import type { RunContext } from '@vitest-lanes/core'
import { statementLog } from '../audit/statement-log.ts'
import type { ClusterMeta, NewCluster } from '../cluster/cluster-cache.ts'
import { copyInto, privateFolder } from '../cluster/copy-folder.ts'
import { removeTree } from '../cluster/remove-tree.ts'
import { countsPromptly } from '../audit/watch.ts'
import type { DatabaseServer } from '../database-server.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Session } from '../sql/session.ts'
import { cloneDatabase, type CloneStrategy } from '../clones/database.ts'
import { buildTemplate, type Template } from '../template/build-template.ts'
import {
  addressOfCluster,
  detailsOf,
  giveUp,
  launch,
  launchKept,
  lossOf,
  openHome,
  sourceOf,
  type Home,
  type Live,
} from './launch.ts'
import { launchInitial } from './launch-initial.ts'
import { majorOf } from './prepare-data.ts'
import { bytesOf, fitting, openSetting, stillFits, type Setting } from './setting.ts'

/** Of the database that all others are cloned from, on a server of ours. */
const TEMPLATE = 'lanes_template'
const CLONE = 'lanes_first'
/** Bytes of a template of which a clone is kept beside it. */
const MOST_CLONED = 64 * 1024 ** 2

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
export async function startOwnServer(
  options: ResolvedOptions,
  run: RunContext,
  bytes?: number,
): Promise<DatabaseServer> {
  const setting = await openSetting(options, run, [], bytes)
  const home = await openHome(setting, '')
  let needed: number
  const close = async () => {
    await home.remove()
    await setting.close()
  }
  try {
    const served = (await fromKept(setting, home)) ?? (await fromScratch(setting, home, bytes))
    if ('live' in served) return await present(setting, served, close)
    needed = served.bytes
  } catch (error) {
    await close()
    throw error
  }
  await close()
  return startOwnServer(options, run, needed)
}

async function present(
  setting: Setting,
  { meta, live, whole }: Served,
  close: () => Promise<void>,
): Promise<DatabaseServer> {
  const { run, binaries, runFolder, password } = setting
  const { cluster, admin } = live
  const template = {
    name: TEMPLATE,
    bytes: meta.templateBytes,
    extras: meta.templateExtras,
    ...(meta.templateEmpty !== undefined && { empty: meta.templateEmpty }),
  }
  let stopping = false
  return {
    source: sourceOf(binaries, meta),
    details: detailsOf(setting),
    address: addressOfCluster(cluster, password),
    major: majorOf(meta.version),
    template,
    ...(meta.clone !== undefined && { clone: meta.clone }),
    strategy: strategyOf(setting, meta),
    createSuffix: '',
    ahead: await fitting(runFolder.path, template.bytes, run.instances),
    private: true,
    admin,
    whole,
    connect: () => cluster.connect('postgres'),
    connectTo: (database) => cluster.connect(database),
    watched: {
      connect: (database) => cluster.connect(database),
      log: statementLog(cluster.process, (database) => cluster.connect(database)),
      isPrompt: countsPromptly(majorOf(meta.version)),
    },
    lost: lossOf(cluster, () => stopping),
    async stop() {
      stopping = true
      await whole.catch(() => undefined)
      await admin.end().catch(() => undefined)
      await cluster.stop()
      await close()
    },
  }
}

/** With the template that an earlier run built; `undefined` where there is none, or no server starts on it. */
async function fromKept(setting: Setting, home: Home): Promise<Served | undefined> {
  const { cache, run, key, kept: meta } = setting
  if (key === undefined || meta === undefined) return undefined
  const copyRest = await cache.copyTo(key, home.data)
  if (copyRest === undefined) return undefined
  let copying: Promise<void> | undefined
  try {
    const live = await launchKept(
      setting,
      home,
      { ...meta, key },
      {
        lanes: run.lanes,
        begun() {
          copying ??= copyRest()
          // Whoever opens a database is told; perhaps nobody does.
          copying.catch(() => undefined)
        },
      },
    )
    return { meta, live, whole: copying ?? Promise.resolve() }
  } catch (error) {
    // What is about to be removed must not be filled meanwhile.
    await copying?.catch(() => undefined)
    if ((await cache.find(key)) !== undefined) throw error
    await removeTree(home.data)
    return undefined
  }
}

/**
 * Builds the template, and keeps it if it can be told when it is out of date. Its size alone where it has turned out too
 * large for where the run's folder is, and how large it would become was not known: `expected`.
 */
async function fromScratch(
  setting: Setting,
  home: Home,
  expected: number | undefined,
): Promise<Served | { readonly bytes: number }> {
  const { cache, account, run, key } = setting
  const { initial, live } = await launchInitial(setting, home, { lanes: run.lanes })
  const built = await buildOn(setting, live, initial)
  if (key === undefined) return { meta: { ...initial, ...built }, live, whole: Promise.resolve() }
  const { late, ...known } = built
  const { bytes } = await cache.make(key, initial.bytes + known.templateBytes, async (target) => {
    await copyInto(home.data, await privateFolder(target, account), account)
    return { ...known, late }
  })
  // Of our own data, also where another run has kept its own meanwhile.
  const meta = { ...known, bytes }
  if (expected === undefined && !(await stillFits(setting, meta))) return { bytes: bytesOf(meta, run) }
  return {
    meta,
    live: await launch(setting, home, meta, { lanes: run.lanes }),
    whole: Promise.resolve(),
  }
}

/** Builds the template; where it will be kept, the server has shut down afterwards. */
async function buildOn(
  setting: Setting,
  live: Live,
  initial: ClusterMeta,
): Promise<Omit<NewCluster, 'late'> & { readonly late: readonly string[] }> {
  const { key } = setting
  try {
    const strategy = strategyOf(setting, initial)
    const template = await build(setting, live, strategy)
    const known = {
      version: initial.version,
      templateBytes: template.bytes,
      templateExtras: template.extras,
      ...(template.empty !== undefined && { templateEmpty: template.empty }),
      ...(key !== undefined &&
        template.bytes <= MOST_CLONED && { clone: await makeClone(live.admin, template, strategy) }),
    }
    if (key === undefined) return { ...known, late: [] }
    const late = await lateFolders(live.admin)
    await live.admin.end()
    await live.cluster.stop({ keep: true })
    return { ...known, late }
  } catch (error) {
    return giveUp(live.cluster, sourceOf(setting.binaries, initial), error)
  }
}

/** A clone that the first file of a later run gets: to make it takes as long as the server does to start. */
async function makeClone(
  admin: Session,
  { name: template, extras }: Template,
  strategy: CloneStrategy | undefined,
): Promise<string> {
  await cloneDatabase(admin, CLONE, { template, strategy, suffix: '', extras })
  await admin.query(`ALTER DATABASE ${CLONE} WITH ALLOW_CONNECTIONS false`)
  return CLONE
}

/** Of the databases that we do not connect to as soon as the server runs: most of what there is to copy. */
async function lateFolders(admin: Session): Promise<string[]> {
  const rows = await admin.query(
    "SELECT oid FROM pg_catalog.pg_database WHERE datname <> 'postgres' AND dattablespace = 1663",
  )
  return rows.map((row) => `base/${String(row['oid'])}`)
}

/** Before 15, a server knows one way only. */
function strategyOf({ options }: Setting, { version }: ClusterMeta): CloneStrategy | undefined {
  return majorOf(version) < 15 ? undefined : (options.strategy ?? 'file_copy')
}

function build(
  setting: Setting,
  { cluster, admin }: Live,
  strategy: CloneStrategy | undefined,
): Promise<Template> {
  const { options, plan, run, password } = setting
  return buildTemplate(admin, {
    name: TEMPLATE,
    steps: plan.steps,
    root: run.root,
    server: addressOfCluster(cluster, password),
    env: options.env,
    ...(strategy !== undefined && { createSuffix: ` STRATEGY ${strategy}` }),
    connect: (database) => cluster.connect(database),
  })
}
