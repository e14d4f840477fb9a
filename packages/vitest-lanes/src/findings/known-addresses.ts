import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { UsualAddress } from '@vitest-lanes/core'
import { isNearHost } from '@vitest-lanes/server'
import type { Resource } from '../options.ts'
import { addressesIn, namedIn } from './addresses.ts'

/** What is at an address that a file has connected to. */
export interface Known {
  /** What kind of resource: `redis`. */
  readonly kind: string
  /** The name under which it is declared; undefined where it is not. */
  readonly resource: string | undefined
  /** By what it is known, for people: `which REDIS_URL in .env names`. Empty where the port tells. */
  readonly by: string
}

// For resources that nobody has declared.
const USUAL: Readonly<Record<string, UsualAddress>> = {
  redis: { ports: [6379], protocols: ['redis:', 'rediss:', 'valkey:', 'valkeys:'] },
  postgres: { ports: [5432], protocols: ['postgres:', 'postgresql:'] },
}
const SOCKETS: readonly (readonly [kind: string, path: RegExp])[] = [
  ['redis', /\/(redis|valkey)[^/]*\.sock$/],
  ['postgres', /\/\.s\.PGSQL\.\d+$/],
]

/** The variable that names an address, and the file that it stands in; undefined: the environment. */
interface NamedBy {
  readonly variable: string
  readonly file: string | undefined
}

interface Kind {
  readonly kind: string
  readonly resource: string | undefined
  readonly usual: UsualAddress
}

export interface KnownOptions {
  readonly root: string
  /** Vitest's mode, which names `.env.<mode>`. */
  readonly mode: string
  readonly resources: ReadonlyMap<string, Resource>
  /** Variables of every instance that is open, by resource. */
  readonly open: () => Iterable<readonly [resource: string, env: Readonly<Record<string, string>>]>
}

/** Knows which addresses are those of resources. */
export class KnownAddresses {
  readonly usual: readonly UsualAddress[]
  readonly #options: KnownOptions
  readonly #kinds: readonly Kind[]
  /** Variables of the environment and of `.env` files, to where they stand. */
  readonly #named: ReadonlyMap<string, NamedBy>

  constructor(options: KnownOptions) {
    this.#options = options
    this.#kinds = kindsOf(options.resources)
    this.usual = this.#kinds.map(({ usual }) => usual)
    this.#named = this.#readVariables()
  }

  /**
   * Says what is at an address, as things are now.
   * @param env variables that the configuration gives to the file's project
   */
  lookup(env: Readonly<Record<string, string | undefined>>): (address: string) => Known | undefined {
    const instances = new Map(
      Array.from(this.#options.open(), ([resource, variables]) =>
        Array.from(addressesIn(variables, this.usual), (address) => [address, resource] as const),
      ).flat(),
    )
    const configured = namedIn(env, this.usual, this.#isPair)
    return (address) => {
      const resource = instances.get(address)
      if (resource !== undefined) return this.#ofInstance(resource)
      const variable = configured.get(address)
      const named = variable === undefined ? this.#named.get(address) : { variable, file: undefined }
      return (named && this.#ofVariable(address, named)) ?? this.#ofPort(address)
    }
  }

  #ofInstance(resource: string): Known {
    const kind = this.#kinds.find((each) => each.resource === resource)?.kind ?? resource
    return { kind, resource, by: 'where other files have their instances' }
  }

  #ofVariable(address: string, { variable, file }: NamedBy): Known | undefined {
    const kind =
      this.#kinds.find(({ usual }) => usual.ports.includes(portOf(address))) ?? this.#kindOf(variable)
    if (kind === undefined) return undefined
    const where = file === undefined ? '' : ` in ${file}`
    return { kind: kind.kind, resource: kind.resource, by: `which ${variable}${where} names` }
  }

  #ofPort(address: string): Known | undefined {
    const socket = SOCKETS.find(([, path]) => path.test(address))?.[0]
    const host = address.slice(0, address.lastIndexOf(':'))
    const kind = this.#kinds.find((each) =>
      address.startsWith('/') ? each.kind === socket : each.usual.ports.includes(portOf(address)),
    )
    if (kind === undefined || (!address.startsWith('/') && !isNearHost(host))) return undefined
    return { kind: kind.kind, resource: kind.resource, by: '' }
  }

  readonly #isPair = (variable: string): boolean => this.#kindOf(variable) !== undefined

  /** `REDIS_HOST`, `CACHE_URL` of a resource `cache`, `PGHOST`, `DATABASE_URL`. */
  #kindOf(variable: string): Kind | undefined {
    const name = variable.toLowerCase()
    return this.#kinds.find(
      ({ kind, resource }) =>
        name.includes(kind) ||
        (resource !== undefined && name.includes(resource.toLowerCase().replaceAll('-', '_'))) ||
        (kind === 'postgres' && /^pg|database|^db/.test(name)),
    )
  }

  #readVariables(): Map<string, NamedBy> {
    const { root, mode } = this.#options
    const found = new Map<string, NamedBy>()
    const add = (env: Readonly<Record<string, string | undefined>>, file: string | undefined): void => {
      for (const [address, variable] of namedIn(env, this.usual, this.#isPair))
        found.set(address, { variable, file })
    }
    add(process.env, undefined)
    for (const name of ['.env', '.env.local', `.env.${mode}`, `.env.${mode}.local`])
      add(readEnv(join(root, name)), name)
    return found
  }
}

function kindsOf(resources: ReadonlyMap<string, Resource>): Kind[] {
  const declared = [...resources.values()].flatMap(({ name, provider }): Kind[] => {
    const kind = [provider?.name, name].find((each) => each !== undefined && each in USUAL) ?? name
    const usual = provider?.usual ?? USUAL[kind]
    return usual === undefined ? [] : [{ kind, resource: name, usual }]
  })
  const others = Object.entries(USUAL).filter(([kind]) => !declared.some((each) => each.kind === kind))
  return [...declared, ...others.map(([kind, usual]) => ({ kind, resource: undefined, usual }))]
}

function readEnv(path: string): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}
