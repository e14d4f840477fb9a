import { LanesError, type RunContext } from '@vitest-lanes/core'
import { addressOf, type DatabaseAddress } from '../address.ts'
import { countsPromptly, watchDatabases } from '../audit/watch.ts'
import { createPool } from '../clones/pool.ts'
import type { Databases } from '../databases.ts'
import { readPlan } from '../migrations/plan.ts'
import { runPlan } from '../migrations/run-plan.ts'
import type { ResolvedOptions } from '../options.ts'
import { quoteIdent, quoteLiteral } from '../sql/quote.ts'
import { createSessionPool } from '../sql/session-pool.ts'
import type { Session } from '../sql/session.ts'
import { connectionRoom } from './connection-room.ts'
import { connectTo, inspectServer, withSession } from './inspect-server.ts'
import { keepLock } from './keep-lock.ts'
import { databaseName, holdLockOpenly, namesOfDeadRuns, runIdOf } from './ownership.ts'
import { refuseLostPath } from './pooler.ts'
import { readTarget, type Target } from './target.ts'

/** What a schema of ours says of itself, from the transaction on that makes it. */
const COMMENT = 'made by vitest-lanes for one run'

/**
 * Uses one database of a server that the user names: each instance gets a schema, built from the migrations, which
 * `search_path` leads to. For roles without CREATEDB.
 * @throws LANES_OPTION_INVALID, LANES_SERVER_START if it cannot be reached or its role may not create schemas
 */
export async function serveSchemas(
  url: string,
  options: ResolvedOptions,
  run: RunContext,
): Promise<Databases> {
  const target = readTarget(url, options.allowRemote)
  const plan = await readPlan(options, run.root)
  const open = () => connectTo(target, target.database)
  const openIn = (schema: string) => connectTo(target, target.database, searchPath(schema))
  await refuseLostPath(openIn, target)
  const keeper = await keepLock(open, run.runId, holdLockOpenly)
  let isDead = false
  void keeper.lost.then(() => {
    isDead = true
  })
  try {
    const { about, instances } = await withSession(open, async (session) => ({
      about: await inspectServer(session, target),
      ...(await connectionRoom(session, target, run.instances)),
    }))
    if (!about.mayCreateSchemas) throw mayNot(target, about.role)
    const sweeping = withSession(open, sweepSchemas).catch(() => undefined)
    const sessions = createSessionPool(open)
    const build = (name: string) =>
      sessions.use(async (session) => {
        await session.query(
          // Sent together, they are one transaction.
          `CREATE SCHEMA ${quoteIdent(name)}; COMMENT ON SCHEMA ${quoteIdent(name)} IS ${quoteLiteral(COMMENT)}`,
        )
        const address = schemaAddress(target, name)
        await runPlan(plan.steps, {
          address,
          env: options.env(address),
          root: run.root,
          connect: () => openIn(name),
          sessionEach: true,
        })
        await refuseExtensions(session, name)
      })
    const pool = createPool({
      prefix: databaseName(run.runId, ''),
      ahead: instances,
      make: build,
      drop: (name) => sessions.use((session) => dropSchema(session, name)),
    })
    let shared: Promise<string> | undefined
    return {
      source: `named PostgreSQL ${about.version}`,
      details: `${target.place}, a schema for each file`,
      instances,
      dead: () => isDead,
      async open(mode) {
        const name = await (mode === 'shared' ? (shared ??= pool.take()) : pool.take())
        return {
          env: options.env(schemaAddress(target, name, mode === 'shared')),
          lost: keeper.lost,
          ...(mode === 'exclusive' && {
            watch: () =>
              watchDatabases({
                names: [target.database],
                schema: name,
                connect: open,
                isPrompt: countsPromptly(about.major),
                hasNeighbours: true,
              }),
          }),
          dispose() {
            if (mode === 'exclusive') pool.release(name)
            return Promise.resolve()
          },
        }
      },
      async stop() {
        await pool.close({ drop: !isDead })
        await sweeping
        await sessions.end()
        await keeper.stop()
      },
    }
  } catch (error) {
    await keeper.stop()
    throw error
  }
}

/** The same database for all; what differs is which schema its names are looked up in. */
function schemaAddress(target: Target, schema: string, readOnly = false): DatabaseAddress {
  const flags = `${searchPath(schema)}${readOnly ? ' -c default_transaction_read_only=on' : ''}`
  const parameters = new URLSearchParams(target.address.parameters)
  parameters.set('options', flags)
  // Clients of the C library read `+` as a plus.
  const server = { ...target.address, parameters: parameters.toString().replaceAll('+', '%20') }
  const address = addressOf(server, target.database)
  return { ...address, env: { ...address.env, PGOPTIONS: flags } }
}

/** Behind ours stands `public`, where extensions are. */
const searchPath = (schema: string) => `-c search_path=${schema},public`

function mayNot(target: Target, role: string): LanesError {
  return new LanesError(
    'LANES_SERVER_START',
    `The role ${role} may not create schemas in ${target.database} on PostgreSQL at ${target.place}.`,
    { hint: 'Let an administrator run GRANT CREATE ON DATABASE … TO ….' },
  )
}

/** An extension exists once in a database: in a schema of ours it would be missing from the next, and go with this one. */
async function refuseExtensions(session: Session, schema: string): Promise<void> {
  const found = await session.query(
    `SELECT extname AS name FROM pg_catalog.pg_extension WHERE extnamespace = ${quoteLiteral(schema)}::regnamespace`,
  )
  if (found.length === 0) return
  const names = found.map((row) => String(row['name'])).join(', ')
  throw new LanesError(
    'LANES_MIGRATION',
    `The migrations create extensions (${names}), which a schema cannot hold.`,
    {
      hint: 'Create them once in the schema public, or give the role CREATEDB so that each file gets a database.',
    },
  )
}

async function dropSchema(session: Session, name: string): Promise<void> {
  const extensions = await session.query(
    `SELECT extname AS name FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = extnamespace
     WHERE nspname = ${quoteLiteral(name)}`,
  )
  for (const row of extensions) {
    await session.query(`ALTER EXTENSION ${quoteIdent(String(row['name']))} SET SCHEMA public`)
  }
  // A session that a file left open may hold a lock: then the next run drops it.
  await session.query(`SET LOCAL lock_timeout = '5s'; DROP SCHEMA IF EXISTS ${quoteIdent(name)} CASCADE`)
}

/** Drops the schemas of this database whose runs hold no lock. */
async function sweepSchemas(session: Session): Promise<void> {
  const rows = await session.query(
    `SELECT nspname AS name FROM pg_catalog.pg_namespace
     WHERE pg_catalog.obj_description(oid, 'pg_namespace') = ${quoteLiteral(COMMENT)}`,
  )
  const names = rows.map((row) => String(row['name'])).filter((name) => runIdOf(name) !== undefined)
  for (const name of await namesOfDeadRuns(session, names))
    await dropSchema(session, name).catch(() => undefined)
}
