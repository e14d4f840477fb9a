/** How to reach one database: what `env` and a migration function are given. */
export interface DatabaseAddress {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** `DATABASE_URL`, `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, and with TLS `PGSSLMODE` and its like. */
  readonly env: Readonly<Record<string, string>>
}

/** A server, and who we are on it. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** What follows `?` in every URL, such as `sslmode=require`; empty where nothing does. */
  readonly parameters?: string
}

/** What of a URL's parameters the C library reads from variables too. */
const VARIABLES: Readonly<Record<string, string>> = {
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
}

function parameterVariables(parameters: string): Record<string, string> {
  return Object.fromEntries(
    Array.from(new URLSearchParams(parameters), ([name, value]) => [VARIABLES[name], value]).filter(
      ([name]) => name !== undefined,
    ),
  )
}

/** The address of one database of a server. */
export function addressOf(server: ServerAddress, database: string): DatabaseAddress {
  const { host, port, user, password } = server
  const secret = password === '' ? '' : `:${encodeURIComponent(password)}`
  const place = `${host.includes(':') ? `[${host}]` : encodeURIComponent(host)}:${port}`
  const query = server.parameters ? `?${server.parameters}` : ''
  const url = `postgresql://${encodeURIComponent(user)}${secret}@${place}/${encodeURIComponent(database)}${query}`
  return {
    url,
    host,
    port,
    user,
    password,
    database,
    env: {
      DATABASE_URL: url,
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      ...parameterVariables(server.parameters ?? ''),
    },
  }
}
