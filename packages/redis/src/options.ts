import { LanesError } from '@vitest-lanes/core'
import { engineFromEnvironment, type Engine } from '@vitest-lanes/server'
import { nearest } from './nearest.ts'

/** What `env` is given to name its variables from. */
export interface RedisInstance {
  /** From 1. */
  readonly number: number
  readonly url: string
  readonly host: string
  readonly port: number
  readonly password: string
  readonly db: number
}

export interface RedisOptions {
  /** How many instances; one per lane where left out. */
  readonly instances?: number | 'lanes'
  /**
   * `native`: a `valkey-server` or `redis-server` of this machine. `embedded`: Valkey as WebAssembly. Where left out,
   * and `VITEST_LANES_ENGINE` is unset: native if the machine has one, else embedded.
   */
  readonly engine?: Engine
  /** Variables beside `REDIS_URL`, `REDIS_HOST`, `REDIS_PORT`, `REDIS_PASSWORD` and `REDIS_DB`; they win over these. */
  readonly env?: (instance: RedisInstance) => Readonly<Record<string, string>>
}

/** Options that were checked, with nothing left out. */
export interface Resolved {
  readonly instances: number | 'lanes'
  readonly engine: Engine | 'either'
  readonly env: (instance: RedisInstance) => Readonly<Record<string, string>>
}

const KNOWN = ['instances', 'engine', 'env']

/** @throws LANES_OPTION_UNKNOWN, LANES_OPTION_INVALID */
export function resolveOptions(options: RedisOptions): Resolved {
  for (const name of Object.keys(options)) {
    if (KNOWN.includes(name)) continue
    const near = nearest(name, KNOWN)
    throw new LanesError('LANES_OPTION_UNKNOWN', `redis() has no option ${name}.`, {
      hint: near === undefined ? `It has ${KNOWN.join(', ')}.` : `Did you mean ${near}?`,
    })
  }
  const { instances = 'lanes', engine = engineFromEnvironment() ?? 'either', env = () => ({}) } = options
  if (instances !== 'lanes' && !(Number.isInteger(instances) && instances > 0)) {
    throw invalid('instances', `a whole number above 0, or 'lanes'`, instances)
  }
  if (engine !== 'native' && engine !== 'embedded' && engine !== 'either') {
    throw invalid('engine', `'native' or 'embedded'`, engine)
  }
  if (typeof env !== 'function') throw invalid('env', 'a function', env)
  return { instances, engine, env }
}

function invalid(option: string, expected: string, got: unknown): LanesError {
  const text = typeof got === 'string' ? `'${got}'` : String(got)
  return new LanesError('LANES_OPTION_INVALID', `redis(): expected ${option} to be ${expected}, got ${text}.`)
}
