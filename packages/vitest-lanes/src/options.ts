import { LanesError, nearest } from '@vitest-lanes/core'
import type { ClaimText, Instances, Provider } from '@vitest-lanes/core'
import { ALONE, SEQUENTIAL } from '@vitest-lanes/core'
import { createClaimTable } from './files/claims.ts'
import type { ClaimTable } from './files/claims.ts'

/** A resource without a provider: a sandbox account, an API key, a licence. */
export interface PlainResource {
  /** How many copies there are, or one per lane. Default 1. */
  instances?: Instances
  /**
   * `global`: the machines of `--shard` share it, so all files that claim it go to one of them. Default `machine`: each
   * machine has copies of its own.
   */
  scope?: Scope
  /** Variables for a file that holds copy `number` (from 1), beside `VITEST_LANES_<NAME>=<number>`. */
  env?: (number: number) => Record<string, string>
}

/** Who shares a resource: the files of one machine, or those of all. */
export type Scope = 'machine' | 'global'

export type ResourceOption = Provider | PlainResource

/** What `lanes()` takes. */
export interface LanesOptions<Name extends string = string> {
  /** The things that files share, by name. */
  resources?: Record<Name, ResourceOption>
  /**
   * Glob from Vitest's root to what the files below it claim. The last line that matches a file wins; what the
   * file says itself with `@module-tag` is added to it.
   */
  files?: Record<string, readonly ClaimText<NoInfer<Name> | typeof SEQUENTIAL | typeof ALONE>[]>
  /**
   * How many files run at once. Default `'auto'`: as many as the machine has CPU and memory to spare for, up and down
   * while the run is under way; it begins with the number of cores, at least 4. A `maxWorkers` of Vitest's own
   * (configuration, command line or environment) is a cap on it.
   */
  lanes?: number | 'auto'
  /**
   * What becomes of what a file leaves when it ends, such as an open connection. Default `report`: a finding of the run.
   * `fail`: the file fails with it as well. `off`: nobody looks.
   */
  leaks?: Policy
  /**
   * The same for a file that connects to a resource that it does not claim, such as a `localhost:6379` in the code.
   * Default `report`.
   */
  undeclared?: Policy
  /**
   * Files that may run in several parts at once, each part in a lane and with instances of its own: see docs/split.md.
   * Default `'auto'`: those of a second or more that were seen to be safe, where it shortens the run. `false`: none.
   */
  split?: SplitOption
}

/** Which files may run in parts. */
export type SplitOption =
  | 'auto'
  | false
  | {
      /** Globs from Vitest's root. */
      files: readonly string[]
      /** In so many parts each, whether it pays or not. Default: as few as shorten the run. */
      parts?: number
    }

/** What becomes of a finding. */
export type Policy = 'report' | 'fail' | 'off'

export interface Resource {
  readonly name: string
  readonly instances: Instances
  readonly scope?: Scope
  readonly provider?: Provider
  readonly env?: (number: number) => Record<string, string>
}

/** Globs with what the files claim that match, in the order of the user's configuration. */
export type FileLines = readonly (readonly [glob: string, claims: readonly string[]])[]

/** Options, checked and complete. */
export interface ResolvedOptions {
  /** Nothing was asked for. */
  readonly isIdle: boolean
  readonly resources: ReadonlyMap<string, Resource>
  readonly files: FileLines
  readonly claims: ClaimTable
  readonly lanes: number | 'auto'
  readonly leaks: Policy
  readonly undeclared: Policy
  readonly split: ResolvedSplit
}

/** Which files may run in parts. */
export interface ResolvedSplit {
  /** Only those that were seen to be safe, and one that has yet to show it. */
  readonly onlySafe: boolean
  readonly globs: readonly string[]
  readonly parts: number | undefined
}

const OPTIONS = ['resources', 'files', 'lanes', 'leaks', 'undeclared', 'split']
const POLICIES = ['report', 'fail', 'off'] as const satisfies Policy[]
const PLAIN = ['instances', 'scope', 'env']
const SCOPES: readonly unknown[] = ['machine', 'global'] satisfies Scope[]
const NAME = /^[a-z][\w-]*$/i

/** Checks what the user gave. Throws a `LanesError` that names the option, before anything starts. */
export function resolveOptions(given: unknown): ResolvedOptions {
  const options = expectObject(given ?? {}, 'lanes()')
  refuseUnknown(options, OPTIONS, 'lanes()')
  const resources = new Map<string, Resource>()
  for (const [name, option] of Object.entries(expectObject(options['resources'] ?? {}, '`resources`')))
    resources.set(name, resolveResource(name, option))
  const files = Object.entries(expectObject(options['files'] ?? {}, '`files`')).map(
    ([glob, claims]) => [glob, expectClaims(claims, glob)] as const,
  )
  const lanes = options['lanes'] ?? 'auto'
  if (lanes !== 'auto' && !isCount(lanes))
    throw invalid('`lanes`', "a whole number of at least 1, or 'auto'", lanes)
  return {
    isIdle: resources.size === 0 && files.length === 0 && (options['split'] ?? false) === false,
    resources,
    files,
    claims: createClaimTable(resources.keys(), files),
    lanes,
    leaks: expectPolicy(options['leaks'], '`leaks`'),
    undeclared: expectPolicy(options['undeclared'], '`undeclared`'),
    split: resolveSplit(options['split'] ?? 'auto'),
  }
}

function resolveSplit(given: unknown): ResolvedSplit {
  if (given === false) return { onlySafe: false, globs: [], parts: undefined }
  if (given === 'auto') return { onlySafe: true, globs: ['**'], parts: undefined }
  if (typeof given !== 'object' || given === null)
    throw invalid('`split`', "'auto', false, or an object with `files`", given)
  const option = expectObject(given, '`split`')
  refuseUnknown(option, ['files', 'parts'], '`split`')
  const { files, parts } = option
  if (!Array.isArray(files) || files.length === 0 || !files.every((glob) => typeof glob === 'string'))
    throw invalid('`split.files`', "a list of globs such as ['tests/long.test.ts']", files)
  if (parts !== undefined && (!isCount(parts) || parts < 2))
    throw invalid('`split.parts`', 'a whole number of at least 2', parts)
  return { onlySafe: false, globs: files, parts }
}

function expectPolicy(value: unknown, where: string): Policy {
  const policy = POLICIES.find((each) => each === (value ?? 'report'))
  if (policy !== undefined) return policy
  const near = typeof value === 'string' ? nearest(value, POLICIES) : undefined
  const hint = near === undefined ? undefined : `Did you mean '${near}'?`
  throw invalid(where, "'report', 'fail' or 'off'", value, hint)
}

function resolveResource(name: string, given: unknown): Resource {
  if (name === SEQUENTIAL || name === ALONE)
    throw new LanesError('LANES_RESOURCE_NAME', `The resource name \`${name}\` is built in.`, {
      hint: 'Give your resource another name.',
    })
  if (!NAME.test(name))
    throw new LanesError(
      'LANES_RESOURCE_NAME',
      `Expected a resource name of letters, digits, \`-\` and \`_\` that begins with a letter, got \`${name}\`.`,
      { hint: 'It is used as a tag and in the name of an environment variable.' },
    )
  const where = `\`resources.${name}\``
  const option = expectObject(given, where)
  if (isProvider(option))
    return { name, provider: option, instances: expectInstances(option.instances ?? 'lanes', where) }
  refuseUnknown(option, PLAIN, where)
  const env = option['env']
  if (env !== undefined && typeof env !== 'function')
    throw invalid(
      `${where.slice(0, -1)}.env\``,
      'a function from the number of the instance to variables',
      env,
    )
  const scope = option['scope']
  if (scope !== undefined && !SCOPES.includes(scope))
    throw invalid(`${where.slice(0, -1)}.scope\``, "'machine' or 'global'", scope)
  return {
    name,
    instances: expectInstances(option['instances'] ?? 1, where),
    ...(scope === 'global' ? { scope } : {}),
    ...(env === undefined ? {} : { env: env as NonNullable<PlainResource['env']> }),
  }
}

function isProvider(option: object): option is Provider {
  return 'open' in option && typeof option.open === 'function'
}

function expectInstances(value: unknown, where: string): Instances {
  if (value === 'lanes' || isCount(value)) return value
  throw invalid(`${where.slice(0, -1)}.instances\``, "a whole number of at least 1, or 'lanes'", value)
}

function expectClaims(value: unknown, glob: string): readonly string[] {
  const where = `\`files['${glob}']\``
  if (!Array.isArray(value) || !value.every((claim) => typeof claim === 'string'))
    throw invalid(where, "a list of claims such as ['redis', 'postgres/shared']", value)
  return value
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1
}

function expectObject(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw invalid(where, 'an object', value)
}

function refuseUnknown(value: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const near = nearest(key, known)
    throw new LanesError('LANES_OPTION_UNKNOWN', `${where} has no option \`${key}\`.`, {
      hint:
        near === undefined
          ? `It takes ${known.map((name) => `\`${name}\``).join(', ')}.`
          : `Did you mean \`${near}\`?`,
    })
  }
}

function invalid(where: string, expected: string, got: unknown, hint?: string): LanesError {
  const shown =
    typeof got === 'function'
      ? 'a function'
      : `\`${JSON.stringify(got) ?? String(got)}\` (${got === null ? 'null' : typeof got})`
  return new LanesError('LANES_OPTION_INVALID', `Expected ${where} to be ${expected}, got ${shown}.`, {
    ...(hint !== undefined && { hint }),
  })
}
