import { LanesError, type RunContext } from '@vitest-lanes/core'
import { countsPromptly } from '../audit/watch.ts'
import { dropDatabase, type CloneStrategy } from '../clones/database.ts'
import type { DatabaseServer } from '../database-server.ts'
import { readPlan } from '../migrations/plan.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Session } from '../sql/session.ts'
import { buildTemplate } from '../template/build-template.ts'
import { connectTo, inspectServer, withSession, type About } from './inspect-server.ts'
import { keepLock } from './keep-lock.ts'
import { connectionRoom } from './connection-room.ts'
import { refusePooler } from './pooler.ts'
import { databaseName, databasesOf, MARK, sweepDatabases } from './ownership.ts'
import { readTarget, type Target } from './target.ts'

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
  await refusePooler(open, target)
  const keeper = await keepLock(open, run.runId)
  const admin = keeper.session
  try {
    const about = await inspectServer(admin, target)
    if (!about.mayCreateDatabases) throw mayNot(target, about.role)
    const room = await connectionRoom(admin, target, run.instances)
    // What dead runs left is dropped meanwhile, on a session of its own.
    const sweeping = withSession(open, sweepDatabases).catch(() => undefined)
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
      watched: { connect: open, isPrompt: countsPromptly(about.major) },
      whole: Promise.resolve(),
      lost: keeper.lost,
      async stop() {
        await sweeping
        // A file whose process was killed has left the databases of its tests, whose lock died with it.
        await Promise.all([
          dropOwn(open, run.runId),
          withSession(open, sweepDatabases).catch(() => undefined),
        ])
        await keeper.stop()
      },
    }
  } catch (error) {
    await dropOwn(open, run.runId)
    await keeper.stop()
    throw error
  }
}

/** What cannot be dropped now is left to the next run. */
async function dropOwn(open: () => Promise<Session>, runId: string): Promise<void> {
  await withSession(open, async (session) => {
    for (const name of await databasesOf(session, runId)) await dropDatabase(session, name)
  }).catch(() => undefined)
}

function mayNot(target: Target, role: string): LanesError {
  return new LanesError(
    'LANES_SERVER_START',
    `The role ${role} may not create databases on PostgreSQL at ${target.place}.`,
    { hint: "Let an administrator run ALTER ROLE … CREATEDB, or use `isolation: 'schema'`." },
  )
}

function strategyFor({ major, durable }: About, bytes: number): CloneStrategy | undefined {
  if (major < 15) return undefined
  return durable && bytes < LARGE_TEMPLATE ? 'wal_log' : 'file_copy'
}
