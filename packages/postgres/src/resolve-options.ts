import { LanesError, nearest } from '@vitest-lanes/core'
import type { DatabaseAddress } from './address.ts'
import { RESERVED_SETTINGS } from './cluster/settings.ts'
import type { Migration, MigrationStep, PostgresOptions, ResolvedOptions } from './options.ts'

type Checks = { readonly [Name in keyof PostgresOptions]-?: (value: unknown) => string | undefined }

/** What each option must be; `undefined` means that it is. */
const CHECKS: Checks = {
  migrate: migration,
  seed: migration,
  inputs: (value) =>
    Array.isArray(value) && value.length > 0 && value.every(isText) ? undefined : 'a list of globs',
  env: (value) => (typeof value === 'function' ? undefined : 'a function that returns names and values'),
  instances: (value) =>
    value === 'lanes' || (Number.isInteger(value) && Number(value) > 0)
      ? undefined
      : "'lanes' or a whole number from 1",
  engine: (value) => (value === 'native' || value === 'embedded' ? undefined : "'native' or 'embedded'"),
  server: (value) => (isText(value) ? undefined : 'the URL of a server'),
  allowRemote: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  isolation: (value) => (value === 'database' || value === 'schema' ? undefined : "'database' or 'schema'"),
  strategy: (value) =>
    value === 'file_copy' || value === 'wal_log' ? undefined : "'file_copy' or 'wal_log'",
  settings: (value) =>
    isPlainObject(value) && Object.entries(value).every(isSetting)
      ? undefined
      : `settings, each a string, a number, true or false, and none of ${RESERVED_SETTINGS.join(', ')}`,
  locale: (value) => (isText(value) && /^[\w:.@-]+$/.test(value) ? undefined : "a locale such as 'C.UTF-8'"),
}

/**
 * Checks the options, once.
 * @throws LANES_OPTION_UNKNOWN, LANES_OPTION_INVALID
 */
export function resolveOptions(options: PostgresOptions = {}): ResolvedOptions {
  if (!isPlainObject(options)) invalid('postgres()', 'an object of options', options)
  for (const [name, value] of Object.entries(options)) {
    if (!isOption(name)) throw unknownOption(name)
    const expected = value === undefined ? undefined : CHECKS[name](value)
    // What stands in the place of a URL may hold a password.
    if (expected !== undefined)
      invalid(`\`${name}\` of postgres()`, expected, name === 'server' ? typeof value : value)
  }
  refuseTogether(options)
  const { migrate, seed, inputs, env, instances, engine, settings = {}, locale } = options
  const { server, allowRemote = false, isolation = 'database', strategy } = options
  return {
    migrate: steps(migrate),
    seed: steps(seed),
    inputs,
    env: (instance: DatabaseAddress) => ({ ...instance.env, ...env?.(instance) }),
    instances,
    engine,
    server,
    allowRemote,
    isolation,
    strategy,
    settings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, settingText(value)])),
    locale,
  }
}

function invalid(where: string, expected: string, got: unknown): never {
  throw new LanesError('LANES_OPTION_INVALID', `Expected ${where} to be ${expected}, got ${show(got)}.`)
}

/** What is said of a server that we start means nothing for one that is there already. */
function refuseTogether(options: PostgresOptions): void {
  if (options.server === undefined) {
    if (options.isolation !== 'schema') return
    throw new LanesError('LANES_OPTION_INVALID', "postgres() has `isolation: 'schema'` without `server`.", {
      hint: 'On a private server each file gets a database of its own: leave `isolation` out.',
    })
  }
  const other = (['engine', 'settings', 'locale'] as const).find((name) => options[name] !== undefined)
  if (other === undefined) return
  throw new LanesError('LANES_OPTION_INVALID', `postgres() has both \`server\` and \`${other}\`.`, {
    hint: `Leave \`${other}\` out: it is for a private server. Or leave \`server\` out.`,
  })
}

function unknownOption(name: string): LanesError {
  const names = Object.keys(CHECKS)
  // `migrations` is further from `migrate` than a slip of the finger.
  const meant = nearest(name, names) ?? names.find((other) => other.slice(0, 5) === name.slice(0, 5))
  return new LanesError('LANES_OPTION_UNKNOWN', `postgres() has no option \`${name}\`.`, {
    hint: meant ? `Did you mean \`${meant}\`?` : `It has ${names.join(', ')}.`,
  })
}

function migration(value: unknown): string | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.every(isStep) ? undefined : 'a folder of SQL files, a command, a function, or a list of these'
}

function isStep(value: unknown): value is MigrationStep {
  if (isPlainObject(value)) return Object.keys(value).join() === 'command' && isText(Object(value).command)
  return typeof value === 'function' || isText(value)
}

function steps(value: Migration | undefined): readonly MigrationStep[] {
  if (value === undefined) return []
  return isList(value) ? value : [value]
}

const isList = (value: Migration): value is readonly MigrationStep[] => Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
const isOption = (name: string): name is keyof PostgresOptions => Object.hasOwn(CHECKS, name)

function isSetting([name, value]: [string, unknown]): boolean {
  const reserved = RESERVED_SETTINGS.some((other) => other === name.toLowerCase())
  return !reserved && /^[A-Za-z_][\w.]*$/.test(name) && ['string', 'number', 'boolean'].includes(typeof value)
}

function settingText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as a person would write it; text that could hold a secret is not among the options that come here. */
function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value))
}
