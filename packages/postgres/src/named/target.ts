import { LanesError } from '@vitest-lanes/core'
import { isNearHost } from '@vitest-lanes/server'
import type { ServerAddress } from '../address.ts'

/** A server that the user names, and the database that its URL names. */
export interface Target {
  readonly address: ServerAddress
  readonly database: string
  /** `127.0.0.1:5432`; never a password. */
  readonly place: string
}

/**
 * Reads a URL as PostgreSQL's own clients do: `postgresql://user:password@host:port/database?sslmode=require`, or a
 * socket with `?host=/var/run/postgresql`.
 * @throws LANES_OPTION_INVALID if it cannot be read, or leads to another network without `allowRemote`. The URL itself
 *   is never shown, since it may hold a password.
 */
export function readTarget(text: string, allowRemote: boolean): Target {
  const url = parse(text)
  const parameters = new URLSearchParams(url.search)
  const socket = parameters.get('host')
  parameters.delete('host')
  const port = parameters.get('port') ?? url.port
  parameters.delete('port')
  const host = socket ?? decode(url.hostname).replace(/^\[(.*)\]$/, '$1')
  const user = decode(url.username)
  const address: ServerAddress = {
    host: host === '' ? 'localhost' : host,
    port: port === '' ? 5432 : Number(port),
    user: user === '' ? 'postgres' : user,
    password: decode(url.password),
    parameters: parameters.toString(),
  }
  // Clients of the C library connect to `hostaddr`, whatever `host` says.
  const places = [address.host, parameters.get('hostaddr') ?? address.host]
  const far = places.find((each) => !each.startsWith('/') && !isNearHost(each))
  if (!allowRemote && far !== undefined) {
    throw new LanesError(
      'LANES_OPTION_INVALID',
      `\`server\` of postgres() leads to ${far}, which is neither this machine nor a private network.`,
      { hint: 'If databases may be made and dropped there, add `allowRemote: true`.' },
    )
  }
  const database = decode(url.pathname.replace(/^\//, ''))
  return {
    address,
    database: database === '' ? address.user : database,
    place: `${address.host}:${address.port}`,
  }
}

function parse(text: string): URL {
  try {
    // The C library's URLs may have a user and no host, `postgresql://ada@/app`; the standard's may not.
    const url = new URL(text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?#]|$)/, '$1localhost'))
    if (url.protocol === 'postgresql:' || url.protocol === 'postgres:') return url
  } catch {
    // Told below, without the text.
  }
  throw new LanesError('LANES_OPTION_INVALID', 'Expected `server` of postgres() to be a URL of PostgreSQL.', {
    hint: 'Write postgresql://user:password@host:5432/database, with `%40` for an @ in the password.',
  })
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
