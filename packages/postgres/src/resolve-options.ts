import { LanesError, nearest } from '@vitest-lanes/core'
import { redirectPorts } from '@vitest-lanes/server'
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
  isolation: (value) => (ISOLATIONS.includes(value) ? undefined : "'database', 'schema' or 'server'"),
  redirect: (value) => (Array.isArray(value) && value.every(isText) ? undefined : 'a list of addresses'),
  users: (value) =>
    isPlainObject(value) &&
    Object.entries(value).every(([name, password]) => isName(name) && isText(password))
      ? undefined
      : 'an object of names and passwords',
  databases: (value) =>
    Array.isArray(value) && value.length > 0 && value.every(isName)
      ? undefined
      : 'a list of names of at most 63 bytes',
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
    // What stands in the place of a URL, or of passwords, may hold one.
    const secret = name === 'server' || name === 'users'
    if (expected !== undefined) invalid(`\`${name}\` of postgres()`, expected, secret ? typeof value : value)
  }
  refuseTogether(options)
  const { migrate, seed, inputs, env, instances, engine, settings = {}, locale } = options
  const {
    server,
    allowRemote = false,
    isolation = 'database',
    strategy,
    users = {},
    databases = [],
    redirect = [],
  } = options
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
    users,
    databases,
    redirect: redirectPorts('postgres', redirect),
    strategy,
    settings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, settingText(value)])),
    locale,
  }
}

function invalid(where: string, expected: string, got: unknown): never {
  throw new LanesError('LANES_OPTION_INVALID', `Expected ${where} to be ${expected}, got ${show(got)}.`)
}

function refuse(what: string, hint: string): never {
  throw new LanesError('LANES_OPTION_INVALID', `postgres() has ${what}.`, { hint })
}

/** Pairs of options of which one means nothing beside the other, and what to do about it. */
function refuseTogether({ isolation = 'database', ...options }: PostgresOptions): void {
  const named = options.server !== undefined
  const has = (name: keyof typeof options) => options[name] !== undefined
  if (named && isolation === 'server') {
    refuse(
      "both `server` and `isolation: 'server'`",
      'Leave one out: a server an instance is one that we start.',
    )
  }
  if (!named && isolation === 'schema') {
    refuse(
      "`isolation: 'schema'` without `server`",
      'On a private server each file gets a database: leave it out.',
    )
  }
  for (const name of ['engine', 'settings', 'locale'] as const) {
    if (named && has(name))
      refuse(`both \`server\` and \`${name}\``, `\`${name}\` is for a private server: leave one out.`)
  }
  if (has('redirect') && isolation !== 'server') {
    refuse(
      "`redirect` without `isolation: 'server'`",
      'Code that names its address names its user and database too: add it, with `users` and `databases`.',
    )
  }
  for (const name of ['users', 'databases'] as const) {
    if (has(name) && isolation !== 'server') {
      refuse(
        `\`${name}\` without \`isolation: 'server'\``,
        `Add it, or make what the suite needs in \`migrate\`.`,
      )
    }
  }
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
const ISOLATIONS: readonly unknown[] = ['database', 'schema', 'server']
const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
const isOption = (name: string): name is keyof PostgresOptions => Object.hasOwn(CHECKS, name)

/** Longer names are cut by PostgreSQL, and these two are its own. */
function isName(value: unknown): value is string {
  return isText(value) && Buffer.byteLength(value) <= 63 && value !== 'template0' && value !== 'template1'
}

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
