import { statfs } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { InstanceRequest, OpenInstance, Provider, RunContext, Started } from '@vitest-lanes/core'
import { addressOf } from './address.ts'
import { cloneDatabase, dropDatabase, hasExtras } from './clones/database.ts'
import { createPool, type DatabasePool } from './clones/pool.ts'
import type { PostgresOptions, ResolvedOptions } from './options.ts'
import { startOwnServer, TEMPLATE, type OwnServer } from './own/own-server.ts'
import { resolveOptions } from './resolve-options.ts'
import { quoteIdent } from './sql/quote.ts'
import type { Session } from './sql/session.ts'

/** What `start` made. */
interface Running {
  readonly server: OwnServer
  readonly pool: DatabasePool
  readonly admin: Session
  readonly sessions: readonly Session[]
  /** The common database of the files that share one, from when it is first wanted. */
  shared?: Promise<string>
}

/**
 * A database for each test file, cloned from a migrated template; files that share one get a common one, read-only.
 * The server is one of this machine that we start, or an embedded one.
 * @throws LANES_OPTION_UNKNOWN, LANES_OPTION_INVALID
 */
export function postgres(options: PostgresOptions = {}): Provider {
  const resolved = resolveOptions(options)
  let running: Running | undefined
  return {
    name: 'postgres',
    ...(resolved.instances !== undefined && { instances: resolved.instances }),
    async start(run) {
      running = await startRunning(resolved, run)
      run.log(`postgres: ${running.server.source} (${running.server.details})`)
      return { source: running.server.source } satisfies Started
    },
    async open(instance) {
      if (running === undefined) throw new TypeError('open() was called before start().')
      return openDatabase(running, resolved, instance)
    },
    async stop() {
      const { pool, server, sessions = [] } = running ?? {}
      running = undefined
      await pool?.close({ drop: false })
      await Promise.allSettled(sessions.map((session) => session.end()))
      await server?.stop()
    },
  }
}

async function startRunning(options: ResolvedOptions, run: RunContext): Promise<Running> {
  const server = await startOwnServer(options, run)
  try {
    const makers = await Promise.all(Array.from({ length: makersFor(run) }, () => server.connect('postgres')))
    const admin = await server.connect('postgres')
    const [first = admin] = makers
    const clone = {
      template: TEMPLATE,
      strategy: server.major >= 15 ? ('file_copy' as const) : undefined,
      extras: await hasExtras(first, TEMPLATE),
    }
    const idle = [...makers]
    const pool = createPool({
      prefix: `lanes_${run.runId}_`,
      ahead: await mostAhead(server, run),
      makers: makers.length,
      make: async (name) => {
        const session = idle.pop() ?? first
        try {
          await cloneDatabase(session, name, clone)
        } finally {
          idle.push(session)
        }
      },
      drop: (name) => dropDatabase(admin, name),
    })
    return { server, pool, admin, sessions: [...makers, admin] }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Clones of one template hinder each other: a second maker pays where there are cores to spare. */
function makersFor(run: RunContext): number {
  return Math.max(1, Math.min(3, Math.floor(availableParallelism() / 4), run.instances))
}

/** No more than are used at once, and no more than a quarter of the room that there is. */
async function mostAhead(server: OwnServer, run: RunContext): Promise<number> {
  const { bavail, bsize } = await statfs(server.folder)
  const room = Math.floor((bavail * bsize) / 4 / Math.max(1, server.templateBytes))
  return Math.max(1, Math.min(run.instances, room))
}

async function openDatabase(
  running: Running,
  options: ResolvedOptions,
  { mode }: InstanceRequest,
): Promise<OpenInstance> {
  const { server, pool } = running
  if (mode === 'shared') running.shared ??= makeShared(running)
  const name = await (mode === 'shared' ? running.shared : pool.take())
  if (name === undefined) throw new TypeError('There is no shared database.')
  return {
    env: options.env(addressOf(server.address, name)),
    lost: server.lost,
    dispose() {
      if (mode !== 'shared') pool.release(name)
      return Promise.resolve()
    },
  }
}

async function makeShared({ pool, admin }: Running): Promise<string> {
  const name = await pool.take()
  await admin.query(`ALTER DATABASE ${quoteIdent(name)} SET default_transaction_read_only = on`)
  return name
}
