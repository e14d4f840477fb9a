import { chown, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { LanesError } from '@vitest-lanes/core'
import { freePort, startServer, type RunFolder, type ServerProcess } from '@vitest-lanes/server'
import type { Account } from '../engine/account.ts'
import type { Binaries } from '../engine/binaries.ts'
import { connectOwn } from '../sql/own-session.ts'
import type { Session } from '../sql/session.ts'
import { recordSegment } from './shared-memory.ts'
import { SETTINGS_FILE, serverEnvironment, SUPERUSER } from './initdb.ts'
import { HBA_TEXT, settingsText } from './settings.ts'

export interface ClusterOptions {
  /** For messages: `native PostgreSQL 15.18`. */
  readonly name: string
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly runFolder: RunFolder
  /** The folder that holds cache and runs. */
  readonly base: string
  /** A cluster of ours, stopped. */
  readonly data: string
  readonly socketFolder: string
  readonly major: number
  readonly maxConnections: number
  readonly settings: Readonly<Record<string, string>>
  /** Chooses the port, anew when somebody else has taken it since. */
  readonly choosePort?: () => Promise<number>
  /** Called when the server has begun to start: what takes a while is best done then. */
  readonly begun?: () => void
}

/** A running server of ours. */
export interface Cluster {
  readonly port: number
  readonly process: ServerProcess
  /** Opens a session of the superuser, over the socket. */
  connect(database: string): Promise<Session>
  /** With `keep` so that its data can be kept, and then LANES_SERVER_START if it cannot; else as fast as it can. */
  stop(options?: { keep?: boolean }): Promise<void>
}

const PORT_TAKEN = /could not bind|could not create (?:any TCP\/IP|listen)|Address already in use/
/** The server may be read-only for everyone else. */
const WRITES = '-c default_transaction_read_only=off'
const ATTEMPTS = 5

/**
 * Starts the server on a free port of the loopback interface.
 * @throws LANES_SERVER_START
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { choosePort = freePort } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(await choosePort(), options)
    } catch (error) {
      // Another process may take the port between the choice and its use.
      const again = error instanceof LanesError && PORT_TAKEN.test(error.message)
      if (!again || attempt === ATTEMPTS) throw error
    }
  }
}

async function startOn(port: number, options: ClusterOptions): Promise<Cluster> {
  const { name, account, data, socketFolder, runFolder } = options
  const text = settingsText({ ...options, port, own: options.settings })
  await Promise.all([
    writeOwned(path.join(data, SETTINGS_FILE), text, account),
    writeOwned(path.join(data, 'pg_hba.conf'), HBA_TEXT, account),
  ])
  const segment = recordSegment(data, options.base)
  const starting = startServer({
    name,
    command: options.binaries.postgres,
    args: ['-D', data],
    env: serverEnvironment(),
    cwd: data,
    ...(account !== undefined && { uid: account.uid, gid: account.gid }),
    runFolder,
    ready: /database system is ready to accept connections/,
    readyTimeout: 60_000,
    stopSignal: 'SIGINT',
    killSignal: 'SIGQUIT',
    ...(options.begun && { begun: options.begun }),
  })
  const server = await starting.catch(async (error: unknown) => {
    // Killed while it started, it may have left one.
    await segment.known().then(
      (clear) => clear(),
      () => undefined,
    )
    throw error
  })
  // Where it cannot be written down, it is left if the server is killed.
  const clearSegment = await segment.known().catch(() => () => Promise.resolve())
  const cleared = server.exited.then(clearSegment).catch(() => undefined)
  return {
    port,
    process: server,
    connect: (database) => connectOwn({ socketFolder, port, user: SUPERUSER, database, options: WRITES }),
    async stop({ keep = false } = {}) {
      // SIGQUIT leaves a cluster that would have to recover, and clears its shared memory all the same.
      const exit = await server.stop(keep ? { signal: 'SIGINT', timeout: 60_000 } : { signal: 'SIGQUIT' })
      await cleared
      if (!keep || exit.code === 0) return
      const how = exit.signal ?? `exit code ${exit.code}`
      throw new LanesError('LANES_SERVER_START', `${name} did not shut down as it was asked to (${how}).`)
    },
  }
}

async function writeOwned(file: string, text: string, account: Account | undefined): Promise<void> {
  await writeFile(file, text, { mode: 0o600 })
  if (account !== undefined) await chown(file, account.uid, account.gid)
}
