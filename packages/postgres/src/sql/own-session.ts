import { connect as openSocket, type Socket } from 'node:net'
import path from 'node:path'
import { parse, serialize } from 'pg-protocol'
import type { Row, Session } from './session.ts'

/** A server of ours, over its socket, which asks nobody for a password. */
export interface OwnServer {
  readonly socketFolder: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** As `PGOPTIONS`. */
  readonly options: string
}

interface Field {
  readonly name: string
  readonly dataTypeID: number
}

/** One query on its way. */
interface Query {
  readonly resolve: (rows: readonly Row[]) => void
  readonly reject: (error: Error) => void
  /** Of the statement that was answered last. */
  rows: Row[]
  fields: readonly Field[]
  error: Error | undefined
}

/** Object identifiers of types, of which all others stay text (`pg_type.dat`). */
const BOOLEAN = 16
const NUMBERS = new Set([21, 23, 26, 700, 701])
const JSONS = new Set([114, 3802])

/**
 * Connects without `pg`, which takes longer to load than the server to start, and serves servers of others. Values are what `pg`
 * makes of them, but for arrays, dates and bytes, which stay text.
 * @throws what the server or the system says
 */
export async function connectOwn(server: OwnServer): Promise<Session> {
  const socket = openSocket(path.join(server.socketFolder, `.s.PGSQL.${server.port}`))
  const { session, ready } = speak(socket)
  const { user, database, options } = server
  socket.write(serialize.startup({ user, database, options, application_name: 'vitest-lanes' }))
  await ready
  return session
}

/** The session on a socket; `ready` when the server has let us in. */
function speak(socket: Socket): { session: Session; ready: Promise<unknown> } {
  const queries: Query[] = []
  const listeners = new Set<() => void>()
  let over: Error | undefined
  const expect = () =>
    new Promise<readonly Row[]>((resolve, reject) => {
      queries.push({ resolve, reject, rows: [], fields: [], error: undefined })
    })
  // What the server says before it takes queries ends as the answer to one does.
  const ready = expect()
  let tellClosed: () => void
  const closed = new Promise<void>((resolve) => (tellClosed = resolve))
  const fail = (error: Error) => {
    over ??= error
    socket.destroy()
    for (const query of queries.splice(0)) query.reject(query.error ?? over)
    tellClosed()
  }
  const gone = () => fail(new Error('Connection terminated'))
  socket.on('error', fail).on('close', gone)
  void parse(socket, (message) => {
    const [query] = queries
    if (message instanceof Error) {
      // What nobody has asked for is the last that it says.
      if (query === undefined) fail(message)
      else query.error ??= message
    } else if (message.name === 'rowDescription') {
      Object.assign(query ?? {}, { fields: Object(message).fields, rows: [] })
    } else if (message.name === 'dataRow') {
      query?.rows.push(rowOf(query.fields, Object(message).fields))
    } else if (message.name === 'commandComplete') {
      for (const listener of listeners) listener()
    } else if (message.name === 'copyInResponse') {
      socket.write(serialize.copyFail('There is no data to copy from.'))
    } else if (message.name === 'readyForQuery' && query !== undefined) {
      queries.shift()
      if (query.error === undefined) query.resolve(query.rows)
      else query.reject(query.error)
    }
  })
  return {
    ready,
    session: {
      closed,
      query(text) {
        if (over !== undefined) return Promise.reject(over)
        socket.write(serialize.query(text))
        return expect()
      },
      onStatement(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      end() {
        // Nobody waits for a statement that may never end.
        if (queries.length > 0) gone()
        else if (over === undefined) {
          over = new Error('Connection terminated')
          socket.end(serialize.end())
        }
        return closed
      },
    },
  }
}

function rowOf(fields: readonly Field[], values: readonly (string | null)[]): Row {
  return Object.fromEntries(
    fields.map(({ name, dataTypeID }, i) => [name, valueOf(dataTypeID, values[i] ?? null)]),
  )
}

function valueOf(type: number, text: string | null): unknown {
  if (text === null) return null
  if (type === BOOLEAN) return text === 't'
  if (NUMBERS.has(type)) return Number(text)
  return JSONS.has(type) ? JSON.parse(text) : text
}
