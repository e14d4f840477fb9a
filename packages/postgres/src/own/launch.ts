import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { LanesError } from '@vitest-lanes/core'
import { endedEarly } from '@vitest-lanes/server'
import type { ServerAddress } from '../address.ts'
import type { ClusterMeta } from '../cluster/cluster-cache.ts'
import { privateFolder } from '../cluster/copy-folder.ts'
import { SUPERUSER } from '../cluster/initdb.ts'
import { startCluster, type Cluster } from '../cluster/start-cluster.ts'
import { removeTree } from '../cluster/remove-tree.ts'
import { scramVerifier } from '../cluster/verifier.ts'
import type { Binaries } from '../engine/binaries.ts'
import { quoteIdent, quoteLiteral } from '../sql/quote.ts'
import { isDisconnect, type Session } from '../sql/session.ts'
import { majorOf } from './prepare-data.ts'
import type { Setting } from './setting.ts'

/** What one file may open at the same time; PostgreSQL's own default for a whole server. */
const CONNECTIONS_PER_LANE = 100
const MOST_CONNECTIONS = 2_000
/** In what a server says, or is said of it, that has not started for another reason than its data. */
const NOT_ITS_DATA =
  /shared memory|semaphore|No space left|Cannot allocate|configuration|library|could not access file|could not bind|was not ready|SIGKILL|SIGTERM/i
/** The connections of a server that is killed end a moment before it is seen to have. */
const END_SEEN_MS = 1_000

/** Where one server has its files: below the run's folder, under a short name, since sockets have short paths. */
export interface Home {
  /** Does not exist until something is copied there. */
  readonly data: string
  readonly socketFolder: string
  remove(): Promise<void>
}

export async function openHome({ runFolder, account }: Setting, name: string): Promise<Home> {
  const data = path.join(runFolder.path, `d${name}`)
  const socketFolder = await privateFolder(path.join(runFolder.path, `s${name}`), account)
  return {
    data,
    socketFolder,
    async remove() {
      await removeTree(data)
      await removeTree(socketFolder)
    },
  }
}

/** A server that runs, and our session on it. */
export interface Live {
  readonly cluster: Cluster
  readonly admin: Session
}

export interface LaunchOptions {
  /** How many files use it at once. */
  readonly lanes: number
  /** On top of the user's. */
  readonly settings?: Readonly<Record<string, string>>
  /** Called when the server has begun to start. */
  readonly begun?: () => void
}

/** Starts a server on the data in its home, and gives its superuser the password of the run. */
export async function launch(
  setting: Setting,
  home: Home,
  meta: Pick<ClusterMeta, 'version'>,
  { lanes, settings, begun }: LaunchOptions,
): Promise<Live> {
  const { options, binaries, account, cacheBase, runFolder, password } = setting
  // Beyond ASCII a password is normalised first: the server knows how.
  const verifier = /^[\x20-\x7e]*$/.test(password) ? scramVerifier(password) : password
  const cluster = await startCluster({
    name: sourceOf(binaries, meta),
    binaries,
    account,
    runFolder,
    base: cacheBase,
    data: home.data,
    socketFolder: home.socketFolder,
    major: majorOf(meta.version),
    maxConnections: Math.min(MOST_CONNECTIONS, CONNECTIONS_PER_LANE * Math.max(1, lanes) + 20),
    settings: { ...options.settings, ...settings },
    ...(begun && { begun }),
  })
  try {
    const admin = await cluster.connect('postgres')
    await admin.query(`ALTER ROLE ${quoteIdent(SUPERUSER)} PASSWORD ${quoteLiteral(await verifier)}`)
    return { cluster, admin }
  } catch (error) {
    return giveUp(cluster, sourceOf(binaries, meta), error)
  }
}

/** The same on data that was kept. What no server starts on is not kept any longer. */
export async function launchKept(
  setting: Setting,
  home: Home,
  kept: Pick<ClusterMeta, 'version'> & { readonly key: string | undefined },
  options: LaunchOptions,
): Promise<Live> {
  try {
    return await launch(setting, home, kept, options)
  } catch (error) {
    const isItsFault = !NOT_ITS_DATA.test(String(Object(error).message))
    if (kept.key !== undefined && isItsFault) await setting.cache.discard(kept.key)
    throw error
  }
}

/**
 * Takes a server away that could not be made ready.
 * @throws LANES_SERVER_START where it had ended, which says more than that a connection has; else what was thrown
 */
export async function giveUp(cluster: Cluster, name: string, error: unknown): Promise<never> {
  const waiting = new AbortController()
  const ended = hasLost(error)
    ? await Promise.race([
        cluster.process.exited,
        setTimeout(END_SEEN_MS, undefined, { signal: waiting.signal }),
      ])
    : undefined
  waiting.abort()
  await cluster.stop()
  throw ended === undefined ? error : endedEarly(name, cluster.process, ended, error)
}

/** Whether it may be that the server has ended. */
function hasLost(error: unknown): boolean {
  if (error instanceof LanesError) return false
  return isDisconnect(error) || ['ECONNREFUSED', 'ENOENT'].includes(Object(error).code)
}

export function sourceOf(binaries: Binaries, meta: Pick<ClusterMeta, 'version'>): string {
  return `${binaries.engine} PostgreSQL ${meta.version}`
}

export function detailsOf({ binaries, inMemory, runFolder }: Setting): string {
  return `${path.dirname(binaries.postgres)}, data in ${inMemory ? 'memory' : path.dirname(runFolder.path)}`
}

export function addressOfCluster(cluster: Cluster, password: string): ServerAddress {
  return { host: '127.0.0.1', port: cluster.port, user: SUPERUSER, password }
}

/** Resolves with a sentence when it ends and `asked` does not say why. */
export async function lossOf(cluster: Cluster, asked: () => boolean): Promise<string> {
  const { code, signal } = await cluster.process.exited
  if (asked()) return new Promise(() => undefined)
  return `PostgreSQL ended by itself (${signal ?? `exit code ${code}`}).`
}
