import path from 'node:path'
import type { Finding, InspectedFile, OpenInstance, RunContext, Watching } from '@vitest-lanes/core'
import { redirectVariables } from '@vitest-lanes/server'
import { addressOf, type DatabaseAddress, type ServerAddress } from '../address.ts'
import { statementLog } from '../audit/statement-log.ts'
import { countsPromptly, watchDatabases } from '../audit/watch.ts'
import { createPool } from '../clones/pool.ts'
import { copyWhole, type ClusterMeta } from '../cluster/cluster-cache.ts'
import { copyInto, privateFolder, sizeOf } from '../cluster/copy-folder.ts'
import { SUPERUSER } from '../cluster/initdb.ts'
import type { Databases } from '../databases.ts'
import { leaksOn } from '../leaks/leaks.ts'
import type { ResolvedOptions } from '../options.ts'
import { quoteIdent, quoteLiteral } from '../sql/quote.ts'
import type { Session } from '../sql/session.ts'
import { buildTemplate } from '../template/build-template.ts'
import { dropDatabase } from '../clones/database.ts'
import {
  addressOfCluster,
  detailsOf,
  giveUp,
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

/** Where the migrations run; the databases that the user names are clones of it, and it goes. */
const TEMPLATE = 'lanes_template'

/** A stopped cluster that servers are copied from. */
interface Original {
  readonly meta: ClusterMeta
  readonly version: string
  /** Where it comes from the cache. */
  readonly key: string | undefined
  copyTo(data: string): Promise<void>
}

interface Server {
  readonly home: Home
  readonly live: Live
  readonly lost: Promise<string>
  ended(): boolean
  stop(): Promise<void>
}

/** A whole server an instance, with the users and databases that the suite expects: started ahead of need. */
export async function serveServers(
  options: ResolvedOptions,
  run: RunContext,
  bytes?: number,
): Promise<Databases> {
  const setting = await openSetting(options, run, ['server', options.users, options.databases], bytes)
  let needed: number
  try {
    const original = keptOriginal(setting) ?? (await makeOriginal(setting))
    const fits = bytes !== undefined || (await stillFits(setting, original.meta))
    if (fits) return await serve(setting, original)
    needed = bytesOf(original.meta, run)
  } catch (error) {
    await setting.close()
    throw error
  }
  await setting.close()
  return serveServers(options, run, needed)
}

async function serve(setting: Setting, original: Original): Promise<Databases> {
  const { run, runFolder } = setting
  const servers = new Map<string, Server>()
  const pool = createPool({
    prefix: '',
    makers: 2,
    ahead: await fitting(runFolder.path, original.meta.bytes, run.instances),
    make: async (name) => void servers.set(name, await startServer(setting, original, name)),
    drop: async (name) => {
      await servers.get(name)?.stop()
      servers.delete(name)
    },
  })
  async function take(): Promise<{ name: string; server: Server }> {
    for (;;) {
      const name = await pool.take()
      const server = servers.get(name)
      // One that died while it waited is not handed out.
      if (server !== undefined && !server.ended()) return { name, server }
      pool.release(name)
    }
  }
  let shared: Promise<Server> | undefined
  /** The one that all share; started anew where it could not be had, or has died. */
  async function takeShared(): Promise<Server> {
    const before = shared
    const server = await before?.catch(() => undefined)
    if (server?.ended() === false) return server
    if (shared !== before) return takeShared()
    const settings = { default_transaction_read_only: 'on' }
    shared = Promise.resolve(server?.stop()).then(() => startServer(setting, original, 'r', settings))
    return shared
  }

  return {
    source: sourceOf(setting.binaries, original.meta),
    details: `${detailsOf(setting)}, a server for each file`,
    dead: () => false,
    async open(mode): Promise<OpenInstance> {
      if (mode === 'shared') {
        const server = await takeShared()
        return { env: environment(setting, server), lost: server.lost, dispose: () => Promise.resolve() }
      }
      const { name, server } = await take()
      return {
        env: environment(setting, server),
        lost: server.lost,
        inspect: (file) => leaksOfServer(setting, server, file),
        watch: () => watchServer(setting, original, server),
        dispose() {
          pool.release(name)
          return Promise.resolve()
        },
      }
    },
    async stop() {
      await pool.close({ drop: false })
      const last = await shared?.catch(() => undefined)
      await Promise.allSettled(
        [...servers.values(), ...(last === undefined ? [] : [last])].map((server) => server.stop()),
      )
      await setting.close()
    },
  }
}

/** Of what is open alone: nobody has looked into its databases before the file did. */
async function leaksOfServer(
  { run, options }: Setting,
  { live }: Server,
  file: InspectedFile | undefined,
): Promise<Finding[]> {
  const session = await live.cluster.connect('template1')
  try {
    const database = databasesOf(options)[0] ?? SUPERUSER
    return await leaksOn(session, { resource: run.resource, database, file })
  } finally {
    await session.end()
  }
}

function watchServer(
  { options }: Setting,
  { meta }: Original,
  { live: { cluster } }: Server,
): Promise<Watching> {
  const connect = (database: string) => cluster.connect(database)
  return watchDatabases({
    names: databasesOf(options),
    connect,
    log: statementLog(cluster.process, connect),
    isPrompt: countsPromptly(majorOf(meta.version)),
    hasNeighbours: false,
  })
}

/** The usual variables, and those that lead hard-coded addresses to the server's socket, which asks for no password. */
function environment(
  { run, options, password }: Setting,
  { home, live }: Server,
): Readonly<Record<string, string>> {
  const { port } = live.cluster
  const env = options.env(instanceAddress(options, addressOfCluster(live.cluster, password)))
  if (options.redirect.length === 0) return env
  const to = { path: path.join(home.socketFolder, `.s.PGSQL.${port}`) }
  return { ...env, ...redirectVariables(run.resource, { ports: options.redirect, to }) }
}

/** As the first user that was named, in the first database. */
function instanceAddress(options: ResolvedOptions, server: ServerAddress): DatabaseAddress {
  const [user = server.user, password = server.password] = Object.entries(options.users)[0] ?? []
  return addressOf({ ...server, user, password }, databasesOf(options)[0] ?? SUPERUSER)
}

async function startServer(
  setting: Setting,
  original: Original,
  name: string,
  settings: Readonly<Record<string, string>> = {},
  isFirst = true,
): Promise<Server> {
  const home = await openHome(setting, name)
  try {
    await original.copyTo(home.data)
    const live = await launchKept(setting, home, original, { lanes: 1, settings })
    // Nobody but the file is connected to its server.
    await live.admin.end()
    let stopping = false
    let ended = false
    void live.cluster.process.exited.then(() => {
      ended = true
    })
    return {
      home,
      live,
      lost: lossOf(live.cluster, () => stopping),
      ended: () => ended,
      async stop() {
        stopping = true
        await live.cluster.stop()
        await home.remove()
      },
    }
  } catch (error) {
    await home.remove()
    const isDiscarded = original.key !== undefined && (await setting.cache.find(original.key)) === undefined
    if (!isFirst || !isDiscarded) throw error
    return startServer(setting, original, name, settings, false)
  }
}

function keptOriginal(setting: Setting): Original | undefined {
  const { cache, key, kept: meta } = setting
  if (key === undefined || meta === undefined) return undefined
  let another: Promise<Original> | undefined
  return {
    meta,
    version: meta.version,
    key,
    async copyTo(data) {
      if (another === undefined && (await copyWhole(cache, key, data))) return
      const making = (another ??= makeOriginal(setting))
      making.catch(() => {
        if (another === making) another = undefined
      })
      await (await making).copyTo(data)
    },
  }
}

/** Initialised, migrated, with users and databases; kept if it can be told when it is out of date. */
async function makeOriginal(setting: Setting): Promise<Original> {
  const { cache, account, key } = setting
  const home = await openHome(setting, 'o')
  try {
    const { version } = await initialiseOn(setting, home)
    const bytes = await sizeOf(home.data)
    // Each instance is all of it.
    const known = { version, templateBytes: bytes, templateExtras: false }
    const copyTo = async (data: string) => copyInto(home.data, await privateFolder(data, account), account)
    const meta =
      key === undefined
        ? { ...known, bytes }
        : await cache.make(key, bytes, async (target) => {
            await copyTo(target)
            return known
          })
    return { meta, version, key: undefined, copyTo }
  } catch (error) {
    await home.remove()
    throw error
  }
}

/** Fills it with a cluster that is prepared, and stopped. */
async function initialiseOn(setting: Setting, home: Home): Promise<ClusterMeta> {
  const { initial, live } = await launchInitial(setting, home, { lanes: 1 })
  try {
    await prepare(setting, live)
    await live.cluster.stop({ keep: true })
    return initial
  } catch (error) {
    return giveUp(live.cluster, sourceOf(setting.binaries, initial), error)
  }
}

/** As the usual container images have it: a database of the user's name where none is named. */
function databasesOf({ databases, users }: ResolvedOptions): readonly string[] {
  return databases.length > 0 ? databases : [Object.keys(users)[0] ?? SUPERUSER]
}

async function prepare(setting: Setting, live: Live): Promise<void> {
  // The database `postgres` may be among those that are made anew.
  await live.admin.end()
  const admin = await live.cluster.connect('template1')
  try {
    await makeDatabases(setting, live, admin)
  } finally {
    await admin.end()
  }
}

async function makeDatabases(setting: Setting, { cluster }: Live, admin: Session): Promise<void> {
  const { options, plan, run, password } = setting
  for (const [user, secret] of Object.entries(options.users)) {
    const how = user === SUPERUSER ? 'ALTER ROLE' : 'CREATE ROLE'
    await admin.query(`${how} ${quoteIdent(user)} LOGIN SUPERUSER PASSWORD ${quoteLiteral(secret)}`)
  }
  await buildTemplate(admin, {
    name: TEMPLATE,
    steps: plan.steps,
    root: run.root,
    server: addressOfCluster(cluster, password),
    env: options.env,
    connect: (database) => cluster.connect(database),
  })
  const owner = Object.keys(options.users)[0] ?? SUPERUSER
  for (const name of databasesOf(options)) {
    await dropDatabase(admin, name)
    await admin.query(
      `CREATE DATABASE ${quoteIdent(name)} TEMPLATE ${quoteIdent(TEMPLATE)} OWNER ${quoteIdent(owner)}`,
    )
  }
  await dropDatabase(admin, TEMPLATE)
}
