import { statfs } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { OpenInstance, RunContext } from '@vitest-lanes/core'
import { addressOf } from './address.ts'
import { cloneDatabase, dropDatabase } from './clones/database.ts'
import { createPool } from './clones/pool.ts'
import type { ResolvedOptions } from './options.ts'
import { startOwnServer, TEMPLATE, type OwnServer } from './own/own-server.ts'
import { quoteIdent } from './sql/quote.ts'
import { isDisconnect } from './sql/session.ts'
import { createSessionPool } from './sql/session-pool.ts'

/** Databases on one server, for as long as it lives. */
export interface Databases {
  readonly source: string
  readonly details: string
  open(mode: 'exclusive' | 'shared'): Promise<OpenInstance>
  /** Whether the server has ended unasked. */
  dead(): boolean
  stop(): Promise<void>
}

/** Starts a server, and clones the template on it ahead of need. */
export async function serveDatabases(options: ResolvedOptions, run: RunContext): Promise<Databases> {
  const server = await startOwnServer(options, run)
  let isDead = false
  void server.lost.then(() => {
    isDead = true
  })
  const connect = () => server.connect('postgres')
  const makers = createSessionPool(connect, server.admin)
  const others = createSessionPool(connect)
  const clone = {
    template: TEMPLATE,
    strategy: server.major >= 15 ? ('file_copy' as const) : undefined,
    extras: server.template.extras,
  }
  const pool = createPool({
    prefix: `lanes_${run.runId}_`,
    ahead: await mostAhead(server, run),
    makers: makersFor(run),
    make: (name) =>
      makers
        .use((session) => cloneDatabase(session, name, clone))
        .catch(async (error) => {
          // A test may end every session of the server, ours too.
          if (isDead || !isDisconnect(error)) throw error
          await others.use((session) => dropDatabase(session, name))
          await makers.use((session) => cloneDatabase(session, name, clone))
        }),
    drop: (name) => others.use((session) => dropDatabase(session, name)),
  })

  async function makeShared(): Promise<string> {
    const name = await pool.take()
    await others.use((session) =>
      session.query(`ALTER DATABASE ${quoteIdent(name)} SET default_transaction_read_only = on`),
    )
    return name
  }
  let shared: Promise<string> | undefined

  return {
    source: server.source,
    details: server.details,
    dead: () => isDead,
    async open(mode) {
      const name = await (mode === 'shared' ? (shared ??= makeShared()) : pool.take())
      await server.whole
      return {
        env: options.env(addressOf(server.address, name)),
        lost: server.lost,
        dispose() {
          if (mode === 'exclusive') pool.release(name)
          return Promise.resolve()
        },
      }
    },
    async stop() {
      await pool.close({ drop: false })
      await Promise.allSettled([makers.end(), others.end()])
      await server.stop()
    },
  }
}

/** Clones of one template hinder each other: a second maker pays where there are cores to spare. */
function makersFor(run: RunContext): number {
  return Math.max(1, Math.min(3, Math.floor(availableParallelism() / 4), run.instances))
}

/** No more than are used at once, and no more than a quarter of the room that there is. */
async function mostAhead(server: OwnServer, run: RunContext): Promise<number> {
  const { bavail, bsize } = await statfs(server.folder)
  const room = Math.floor((bavail * bsize) / 4 / Math.max(1, server.template.bytes))
  return Math.max(1, Math.min(run.instances, room))
}
