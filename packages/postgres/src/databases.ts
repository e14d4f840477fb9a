import { availableParallelism } from 'node:os'
import { LanesError, type OpenInstance, type RunContext } from '@vitest-lanes/core'
import { addressOf } from './address.ts'
import { cloneFailure } from './clones/clone-failure.ts'
import { cloneDatabase, dropDatabase, renameDatabase } from './clones/database.ts'
import { createPool } from './clones/pool.ts'
import { watchDatabases } from './audit/watch.ts'
import type { ResolvedOptions } from './options.ts'
import { databaseName } from './named/ownership.ts'
import type { DatabaseServer } from './database-server.ts'
import { useNamedServer } from './named/named-server.ts'
import { serveSchemas } from './named/schemas.ts'
import { startOwnServer } from './own/own-server.ts'
import { serveServers } from './own/servers.ts'
import { quoteIdent } from './sql/quote.ts'
import { isDisconnect, type Session } from './sql/session.ts'
import { emptyTables } from './leaks/contents.ts'
import { leaksOn } from './leaks/leaks.ts'
import { createSessionPool } from './sql/session-pool.ts'

/** Databases on one server, for as long as it lives. */
export interface Databases {
  readonly source: string
  readonly details: string
  /** Fewer instances than were asked for. */
  readonly instances?: number
  open(mode: 'exclusive' | 'shared'): Promise<OpenInstance>
  /** Whether the server has ended unasked. */
  dead(): boolean
  stop(): Promise<void>
}

/** Serves instances in the way that the options ask for. */
export async function serveInstances(options: ResolvedOptions, run: RunContext): Promise<Databases> {
  if (options.server !== undefined && options.isolation === 'schema') {
    return serveSchemas(options.server, options, run)
  }
  if (options.isolation === 'server') return serveServers(options, run)
  return serveDatabases(options, run)
}

/** How often a clone is begun whose session is ended by somebody. */
const ATTEMPTS = 5

/** A database an instance, cloned from the template ahead of need. */
async function serveDatabases(options: ResolvedOptions, run: RunContext): Promise<Databases> {
  const server =
    options.server === undefined
      ? await startOwnServer(options, run)
      : await useNamedServer(options.server, options, run)
  let isDead = false
  void server.lost.then(() => {
    isDead = true
  })
  const whole = server.whole.catch((cause: unknown) => {
    // Of no use to anybody: who comes next gets another.
    isDead = true
    throw new LanesError('LANES_SERVER_START', `PostgreSQL's data could not be unpacked: ${String(cause)}`, {
      cause,
    })
  })
  whole.catch(() => undefined)
  const makers = createSessionPool(() => server.connect(), server.admin)
  const others = createSessionPool(() => server.connect())
  const clone = {
    template: server.template.name,
    strategy: server.strategy,
    suffix: server.createSuffix,
    extras: server.template.extras,
  }
  let kept = server.clone
  /** Gives the clone that is there a name; false if it cannot be had. */
  const adopt = async (session: Session, name: string): Promise<boolean> => {
    const first = kept
    kept = undefined
    if (first === undefined) return false
    return renameDatabase(session, first, name).then(
      () => true,
      () => false,
    )
  }
  async function make(name: string): Promise<void> {
    const hasTried = kept !== undefined
    if (hasTried && (await makers.use((session) => adopt(session, name)))) return
    await whole
    for (let attempt = 1; ; attempt++)
      try {
        if (hasTried || attempt > 1) await others.use((session) => dropDatabase(session, name))
        return await makers.use((session) => cloneDatabase(session, name, clone))
      } catch (error) {
        // Tests may end every session of the server, ours too, and again while we try again.
        if (isDead || !isDisconnect(error) || attempt === ATTEMPTS) throw error
      }
  }
  const pool = createPool({
    prefix: databaseName(run.runId, ''),
    ahead: server.ahead,
    makers: makersFor(run),
    make: (name) => make(name).catch((error: unknown) => Promise.reject(cloneFailure(error))),
    drop: (name) => others.use((session) => dropDatabase(session, name)),
  })

  /** Where it is not known of the template, it is read from the first clone, before anybody uses it. */
  let empty: Promise<readonly number[] | undefined> | undefined
  const { template } = server
  if (template.empty !== undefined && isTold(server)) empty = Promise.resolve(template.empty)

  async function makeShared(): Promise<string> {
    const name = await pool.take()
    const readOnly = `ALTER DATABASE ${quoteIdent(name)} SET default_transaction_read_only = on`
    try {
      await others.use((session) => session.query(readOnly))
      return name
    } catch (error) {
      pool.release(name)
      throw error
    }
  }
  let shared: Promise<string> | undefined
  /** The one that all share; made anew where it could not be had. */
  const takeShared = (): Promise<string> => {
    const making = (shared ??= makeShared())
    making.catch(() => {
      if (shared === making) shared = undefined
    })
    return making
  }

  return {
    source: server.source,
    details: server.details,
    ...(server.instances !== undefined && { instances: server.instances }),
    dead: () => isDead,
    async open(mode) {
      const name = await (mode === 'shared' ? takeShared() : pool.take())
      await whole
      const { connectTo } = server
      const before =
        mode === 'shared' ? undefined : await (empty ??= readEmptyTables(server, name).catch(() => undefined))
      return {
        env: options.env(addressOf(server.address, name)),
        lost: server.lost,
        // What others do in a common database is not the doing of one file.
        ...(mode === 'exclusive' && {
          watch: () => watchDatabases({ ...server.watched, names: [name], hasNeighbours: true }),
          inspect: (file) =>
            others.use((session) =>
              leaksOn(session, {
                resource: run.resource,
                database: name,
                file,
                ...(before !== undefined &&
                  connectTo !== undefined && { inside: { empty: before, connect: () => connectTo(name) } }),
              }),
            ),
        }),
        dispose() {
          if (mode === 'exclusive') pool.release(name)
          return Promise.resolve()
        },
      }
    },
    async stop() {
      await pool.close({ drop: !server.private && !isDead })
      await Promise.allSettled([makers.end(), others.end()])
      await server.stop()
    },
  }
}

/** The tables that are empty in a clone; `undefined` where nobody can look into it, or its statistics tell nothing. */
async function readEmptyTables(server: DatabaseServer, name: string): Promise<readonly number[] | undefined> {
  if (server.connectTo === undefined || !isTold(server)) return undefined
  const session = await server.connectTo(name)
  try {
    return await emptyTables(session)
  } finally {
    await session.end()
  }
}

/** Older servers are told of what a session did a while later, and not always. */
const isTold = ({ major }: DatabaseServer) => major >= 15

/** Clones of one template hinder each other: a second maker pays where there are cores to spare. */
function makersFor(run: RunContext): number {
  return Math.max(1, Math.min(3, Math.floor(availableParallelism() / 4), run.instances))
}
