import type { ClientConfig } from 'pg'

export type Row = Readonly<Record<string, unknown>>

/** One connection of ours to a server. */
export interface Session {
  /** Sends one simple query, of one statement or more; the rows of the last. */
  query(text: string): Promise<readonly Row[]>
  /** Calls back whenever a statement has ended well. Returns what ends that. */
  onStatement(listener: () => void): () => void
  /** Resolves when the connection has gone or takes no more statements, however that came. */
  readonly closed: Promise<void>
  end(): Promise<void>
}

/** Whether a query failed because its connection was ended: by an administrator's command, or with the server. */
export function isDisconnect(error: unknown): boolean {
  const { code, message } = Object(error)
  return (
    ['57P01', '57P02', '57P03', 'ECONNRESET', 'EPIPE'].includes(code) ||
    // Words of `pg` 8.23, which gives its own errors no code.
    /Connection terminated|is not queryable/.test(message)
  )
}

/**
 * Connects to a server that the user names. `pg` is loaded when it is first needed: most of what loads our package never does.
 * @throws what `pg` throws
 */
export async function connect(config: ClientConfig): Promise<Session> {
  const { Client } = await import('pg')
  const client = new Client({ application_name: 'vitest-lanes', ...config })
  const closed = new Promise<void>((resolve) => {
    client.once('end', resolve)
    // Told of before its end, and the client takes no more from here on. It stays, since an error nobody hears throws.
    client.on('error', () => resolve())
  })
  await client.connect()
  return {
    closed,
    async query(text) {
      const result: unknown = await client.query(text)
      const last: unknown = Array.isArray(result) ? result.at(-1) : result
      return Object(last).rows ?? []
    },
    onStatement(listener) {
      // `pg` 8 counts no statements; its connection tells of each CommandComplete message.
      const connection: unknown = Object(client).connection
      const emitter = Object(connection)
      emitter.on?.('commandComplete', listener)
      return () => emitter.off?.('commandComplete', listener)
    },
    end: () => client.end(),
  }
}
