import { isDisconnect, type Session } from './session.ts'

/** Sessions of ours that are used one after another. One that was ended by somebody is replaced. */
export interface SessionPool {
  use<T>(work: (session: Session) => Promise<T>): Promise<T>
  end(): Promise<void>
}

export function createSessionPool(connect: () => Promise<Session>, first?: Session): SessionPool {
  const idle = new Set<Session>()
  const all = new Set<Session>()

  function adopt(session: Session): Session {
    all.add(session)
    void session.closed.then(() => {
      idle.delete(session)
      all.delete(session)
    })
    return session
  }

  if (first !== undefined) idle.add(adopt(first))
  return {
    async use(work) {
      const [ready] = idle
      const session = ready ?? adopt(await connect())
      idle.delete(session)
      let isFit = true
      try {
        return await work(session)
      } catch (error) {
        // The statement fails before the connection is seen to go: the next user would get it meanwhile. Perhaps it was
        // another connection's: then it is ended with the rest.
        isFit = !isDisconnect(error)
        throw error
      } finally {
        if (isFit && all.has(session)) idle.add(session)
      }
    },
    async end() {
      await Promise.allSettled(Array.from(all, (session) => session.end()))
    },
  }
}
