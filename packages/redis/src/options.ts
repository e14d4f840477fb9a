import { LanesError, nearest } from '@vitest-lanes/core'
import { engineFromEnvironment, redirectPorts, type Engine } from '@vitest-lanes/server'
import type { ServerAddress } from './engine.ts'
import { readAddress, type Address, type TlsOptions } from './named/address.ts'

/** What an instance consists of, where that is more than one server. */
export type Servers = 'cluster' | 'sentinel'

/** What `env` is given to name its variables from. */
export interface RedisInstance extends ServerAddress {
  /** From 1. */
  readonly number: number
}

export interface RedisOptions {
  /** How many instances; one per lane where left out. */
  readonly instances?: number | 'lanes'
  /**
   * `native`: a `valkey-server` or `redis-server` of this machine. `embedded`: Valkey as WebAssembly. Where left out,
   * and `VITEST_LANES_ENGINE` is unset: native if the machine has one, else embedded.
   */
  readonly engine?: Engine
  /**
   * `cluster`: three masters an instance, without replicas. `sentinel`: a master and a sentinel that watches it. Both
   * need a `valkey-server` or `redis-server` of this machine. One server an instance where left out.
   */
  readonly servers?: Servers
  /**
   * A server of yours, in place of one that is started: `redis://user:password@host:6379`, `rediss://…`, `unix:///…`.
   * Only what is empty there is used; see `isolation`.
   */
  readonly server?: string
  /** With `server` alone. `database`, the default: a logical database an instance. `prefix`: a key prefix an instance. */
  readonly isolation?: 'database' | 'prefix'
  /** Lets `server` be outside of this machine and of private networks. False where left out. */
  readonly allowRemote?: boolean
  /** For a `server` that begins with `rediss://`. */
  readonly tls?: TlsOptions
  /**
   * Addresses of this machine, such as `localhost:6379`, that files name in their code: what they open there leads to
   * their instance. Nothing where left out.
   */
  readonly redirect?: readonly string[]
  /** Variables beside `REDIS_URL`, `REDIS_HOST`, `REDIS_PORT`, `REDIS_PASSWORD` and `REDIS_DB`; they win over these. */
  readonly env?: (instance: RedisInstance) => Readonly<Record<string, string>>
}

/** Options that were checked, with nothing left out. */
export interface Resolved {
  readonly instances: number | 'lanes'
  readonly engine: Engine | 'either'
  readonly servers: Servers | 'single'
  /** Ports. */
  readonly redirect: readonly number[]
  readonly named: { readonly address: Address; readonly isolation: 'database' | 'prefix' } | undefined
  readonly env: (instance: RedisInstance) => Readonly<Record<string, string>>
}

const KNOWN = [
  'instances',
  'engine',
  'servers',
  'server',
  'isolation',
  'allowRemote',
  'tls',
  'redirect',
  'env',
]
/** What has no meaning without a server of the user's. */
const NAMED_ONLY = ['isolation', 'allowRemote', 'tls'] as const

/** @throws LANES_OPTION_UNKNOWN, LANES_OPTION_INVALID */
export function resolveOptions(options: RedisOptions): Resolved {
  for (const name of Object.keys(options)) {
    if (KNOWN.includes(name)) continue
    const near = nearest(name, KNOWN)
    throw new LanesError('LANES_OPTION_UNKNOWN', `redis() has no option \`${name}\`.`, {
      hint: near === undefined ? `It has ${KNOWN.join(', ')}.` : `Did you mean ${near}?`,
    })
  }
  const { instances = 'lanes', env = () => ({}), engine } = options
  if (instances !== 'lanes' && !(Number.isInteger(instances) && instances > 0)) {
    throw invalid('instances', `a whole number above 0, or 'lanes'`, instances)
  }
  if (engine !== undefined && engine !== 'native' && engine !== 'embedded') {
    throw invalid('engine', `'native' or 'embedded'`, engine)
  }
  if (typeof env !== 'function') throw invalid('env', 'a function', env)
  const named = resolveNamed(options)
  const servers = resolveServers(options)
  const redirect = redirectPorts('redis', options.redirect ?? [])
  if (redirect.length > 0 && named?.isolation === 'prefix') {
    throw new LanesError(
      'LANES_OPTION_INVALID',
      `redis(): redirect and isolation 'prefix' exclude each other.`,
      {
        hint: 'Code that names its own address knows no prefix either.',
      },
    )
  }
  if (redirect.length > 0 && named?.address.tls !== undefined) {
    throw new LanesError(
      'LANES_OPTION_INVALID',
      'redis(): redirect and a server with TLS exclude each other.',
      {
        hint: 'Code that names its own address has no certificates for this one.',
      },
    )
  }
  const chosen = engine ?? (named === undefined ? engineFromEnvironment() : undefined) ?? 'either'
  return { instances, engine: chosen, servers, redirect, named, env }
}

/** What `servers` cannot go with, and why. */
const NOT_WITH_SERVERS = {
  server: 'They are started by us: leave one out.',
  redirect: 'Its clients are told where the servers are: let them read REDIS_NODES or REDIS_SENTINELS.',
} as const

function resolveServers(options: RedisOptions): Resolved['servers'] {
  const { servers, engine } = options
  if (servers === undefined) return 'single'
  if (servers !== 'cluster' && servers !== 'sentinel')
    throw invalid('servers', `'cluster' or 'sentinel'`, servers)
  for (const name of ['server', 'redirect'] as const) {
    if (options[name] === undefined) continue
    throw new LanesError('LANES_OPTION_INVALID', `redis(): servers and ${name} exclude each other.`, {
      hint: NOT_WITH_SERVERS[name],
    })
  }
  if (engine === 'embedded') {
    throw new LanesError('LANES_OPTION_INVALID', `redis(): there is no embedded ${servers}.`, {
      hint: 'Leave engine out, and install redis-server or valkey-server.',
    })
  }
  return servers
}

function resolveNamed(options: RedisOptions): Resolved['named'] {
  const { server, isolation = 'database', allowRemote = false, tls, engine } = options
  if (server === undefined) {
    const alone = NAMED_ONLY.find((name) => options[name] !== undefined)
    if (alone === undefined) return undefined
    throw new LanesError('LANES_OPTION_INVALID', `redis(): ${alone} goes with server, which is not there.`)
  }
  if (typeof server !== 'string') throw invalid('server', 'a URL', typeof server)
  if (engine !== undefined) {
    throw new LanesError('LANES_OPTION_INVALID', 'redis(): server and engine exclude each other.', {
      hint: 'Leave engine out to use the server that you name.',
    })
  }
  if (isolation !== 'database' && isolation !== 'prefix')
    throw invalid('isolation', `'database' or 'prefix'`, isolation)
  if (typeof allowRemote !== 'boolean') throw invalid('allowRemote', 'true or false', allowRemote)
  return { address: readAddress(server, tls, allowRemote), isolation }
}

function invalid(option: string, expected: string, got: unknown): LanesError {
  const text = typeof got === 'string' ? `'${got}'` : String(got)
  return new LanesError('LANES_OPTION_INVALID', `redis(): expected ${option} to be ${expected}, got ${text}.`)
}
