import { OUR_NAME } from '../native/connection.ts'

/** A connection, as `CLIENT LIST` shows it. */
export interface ConnectedClient {
  readonly id: string
  /** Empty where it has not set one. */
  readonly name: string
  /** The last command: `bzpopmin`. */
  readonly command: string
  /** The server's own number for it. */
  readonly fd: number
  /** The TCP port on the client's side; 0 where the server does not say. */
  readonly port: number
  readonly role: ClientRole
}

/** What a connection serves. */
export type ClientRole =
  | { readonly kind: 'worker' | 'queue-events'; readonly queue: string }
  | { readonly kind: 'plain' }

/** Reads what `CLIENT LIST` says, without the connection that asked, and those that watch. */
export function readClients(list: string): ConnectedClient[] {
  return list
    .split(/\r?\n/)
    .filter((line) => /\bid=\d/.test(line))
    .map((line) => {
      const name = field(line, 'name')
      return {
        id: field(line, 'id'),
        name,
        command: field(line, 'cmd'),
        fd: Number(field(line, 'fd')),
        port: Number(/:(\d+)$/.exec(field(line, 'addr'))?.[1] ?? 0),
        role: roleOf(name),
      }
    })
    .filter(({ command, name }) => command !== 'client|list' && command !== 'client' && name !== OUR_NAME)
}

/**
 * BullMQ names what waits: a worker `<prefix>:<queue in Base64>`, with `:w:<name>` behind it if it has a name of its own;
 * a reader of events the same with `:qe` (5.81). What a queue or worker sends its commands through has no name.
 */
function roleOf(name: string): ClientRole {
  const [, encoded = '', kind] = /^.+?:([\w+/]+={0,2})(:qe|:w:.*)?$/.exec(name) ?? []
  const queue = Buffer.from(encoded, 'base64').toString()
  const isName = encoded !== '' && Buffer.from(queue).toString('base64') === encoded
  if (!isName) return { kind: 'plain' }
  return { kind: kind === ':qe' ? 'queue-events' : 'worker', queue }
}

function field(line: string, name: string): string {
  return new RegExp(`(?:^| )${name}=([^ ]*)`).exec(line)?.[1] ?? ''
}
