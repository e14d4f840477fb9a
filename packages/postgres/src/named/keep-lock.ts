import type { Session } from '../sql/session.ts'
import { holdLock } from './ownership.ts'

export interface LockKeeper {
  /** The session that held the lock first. */
  readonly session: Session
  readonly lost: Promise<string>
  stop(): Promise<void>
}

/** Holds the run's lock, and takes it anew if the session that holds it is cut. */
export async function keepLock(
  open: () => Promise<Session>,
  runId: string,
  hold: (session: Session, runId: string) => Promise<void> = holdLock,
): Promise<LockKeeper> {
  let stopped = false
  const take = async () => {
    const taken = await open()
    await hold(taken, runId)
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
