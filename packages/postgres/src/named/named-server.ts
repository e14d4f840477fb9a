import { LanesError, type RunContext } from '@vitest-lanes/core'
import { addressOf } from '../address.ts'
import { dropDatabase, type CloneStrategy } from '../clones/database.ts'
import type { DatabaseServer } from '../database-server.ts'
import { readPlan } from '../migrations/plan.ts'
import type { ResolvedOptions } from '../options.ts'
import { connect, type Session } from '../sql/session.ts'
import { buildTemplate } from '../template/build-template.ts'
import { connectionRoom } from './connection-room.ts'
import { databaseName, holdLock, MARK, ownerless, sweepNamed } from './ownership.ts'
import { readTarget, type Target } from './target.ts'

/** ms until a server that does not answer counts as not there. */
const CONNECT_TIMEOUT = 4_000
/** Below this, copying a template through the log is cheaper than the checkpoints that `file_copy` forces on others. */
const LARGE_TEMPLATE = 128 * 1024 ** 2

/**
 * Uses a server that the user names: databases of ours are made on it and dropped, and nothing else is touched.
 * @throws LANES_OPTION_INVALID, LANES_SERVER_START if it cannot be reached or its role may not create databases,
 *   LANES_MIGRATION
 */
export async function useNamedServer(
  url: string,
  options: ResolvedOptions,
  run: RunContext,
): Promise<DatabaseServer> {
  const target = readTarget(url, options.allowRemote)
  const plan = await readPlan(options, run.root)
  const open = (database = target.database) => connectTo(target, database)
  const keeper = await keepLock(open, run.runId)
  const admin = keeper.session
  try {
    const about = await inspectServer(admin, target)
    const room = await connectionRoom(admin, target, run.instances)
    // What dead runs left is dropped meanwhile, on a session of its own.
    const sweeping = withSession(open, (session) => sweepNamed(session)).catch(() => [])
    const name = databaseName(run.runId, 'template')
    const template = await buildTemplate(admin, {
      name,
      steps: plan.steps,
      root: run.root,
      server: target.address,
      env: options.env,
      createSuffix: ` CONNECTION LIMIT ${MARK}`,
      connect: open,
    })
    return {
      source: `named PostgreSQL ${about.version}`,
      details: target.place,
      address: target.address,
      major: about.major,
      template,
      strategy: options.strategy ?? strategyFor(about, template.bytes),
      createSuffix: ` CONNECTION LIMIT ${MARK}`,
      ahead: room.instances,
      instances: room.instances,
      private: false,
      admin: await open(),
      connect: open,
      whole: Promise.resolve(),
      lost: keeper.lost,
      async stop() {
        await sweeping
        await dropOwn(open, run.runId)
        await keeper.stop()
      },
    }
  } catch (error) {
    await dropOwn(open, run.runId)
    await keeper.stop()
    throw error
  }
}

async function connectTo(target: Target, database: string): Promise<Session> {
  const { url } = addressOf(target.address, database)
  try {
    return await connect({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT })
  } catch (cause) {
    const said = cause instanceof Error ? cause.message || Object(cause).code : String(cause)
    throw new LanesError(
      'LANES_SERVER_START',
      `Could not connect to PostgreSQL at ${target.place}: ${said}.`,
      {
        hint: 'Start it, or correct `server` of postgres(); without `server` a private one is started.',
        cause,
      },
    )
  }
}

async function withSession<T>(
  open: () => Promise<Session>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await open()
  try {
    return await work(session)
  } finally {
    await session.end()
  }
}

/** What cannot be dropped now is left to the next run. */
async function dropOwn(open: () => Promise<Session>, runId: string): Promise<void> {
  await withSession(open, async (session) => {
    for (const name of await ownerless(session, runId)) await dropDatabase(session, name)
  }).catch(() => undefined)
}

interface LockKeeper {
  /** The session that held the lock first. */
  readonly session: Session
  readonly lost: Promise<string>
  stop(): Promise<void>
}

/** Holds the run's lock, and takes it anew if the session that holds it is cut. */
async function keepLock(open: () => Promise<Session>, runId: string): Promise<LockKeeper> {
  let stopped = false
  const take = async () => {
    const taken = await open()
    await holdLock(taken, runId)
    return taken
  }
  const session = await take()
  let current = session
  const lost = (async () => {
    for (;;) {
      await current.closed
      if (stopped) return new Promise<string>(() => undefined)
      try {
        current = await take()
      } catch (error) {
        return `The connection to PostgreSQL was lost: ${error instanceof Error ? error.message : String(error)}`
      }
    }
  })()
  return {
    session,
    lost,
    async stop() {
      stopped = true
      await current.end().catch(() => undefined)
    },
  }
}

interface About {
  readonly version: string
  readonly major: number
  readonly durable: boolean
}

async function inspectServer(session: Session, target: Target): Promise<About> {
  const [row] = await session.query(`
    SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
      current_setting('fsync') AS fsync, current_user AS role,
      (SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS may`)
  const major = Math.floor(Number(row?.['number']) / 10_000)
  const version = String(row?.['version']).split(' ')[0] ?? ''
  if (major < 13) {
    throw new LanesError(
      'LANES_SERVER_START',
      `${target.place} is PostgreSQL ${version}; 13 is the oldest that can be used.`,
    )
  }
  if (row?.['may'] !== true) {
    throw new LanesError(
      'LANES_SERVER_START',
      `The role ${String(row?.['role'])} may not create databases on PostgreSQL at ${target.place}.`,
      { hint: `Let an administrator run ALTER ROLE … CREATEDB, or use \`isolation: 'schema'\`.` },
    )
  }
  return { version, major, durable: row['fsync'] !== 'off' }
}

function strategyFor({ major, durable }: About, bytes: number): CloneStrategy | undefined {
  if (major < 15) return undefined
  return durable && bytes < LARGE_TEMPLATE ? 'wal_log' : 'file_copy'
}
