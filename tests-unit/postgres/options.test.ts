import { LanesError } from '@vitest-lanes/core'
import { postgres, type PostgresOptions } from '@vitest-lanes/postgres'
import { expect, test } from 'vitest'

/** Options as a config in JavaScript may hold them. */
const wrong = (options: object): PostgresOptions => options

function errorOf(options: object): LanesError {
  try {
    postgres(wrong(options))
  } catch (error) {
    if (error instanceof LanesError) return error
    throw error
  }
  throw new Error('Nothing was wrong with the options.')
}

test('an option that does not exist is named, with the near miss', () => {
  const error = errorOf({ migrations: './migrations' })
  expect(error.code).toBe('LANES_OPTION_UNKNOWN')
  expect(error.message).toContain('`migrations`')
  expect(error.hint).toBe('Did you mean `migrate`?')
})

test.each<[string, object]>([
  ['migrate', { migrate: 7 }],
  ['migrate', { migrate: '' }],
  ['migrate', { migrate: ['./a', null] }],
  ['migrate', { migrate: { run: 'x' } }],
  ['seed', { seed: [true] }],
  ['inputs', { inputs: 'prisma/**' }],
  ['env', { env: {} }],
  ['instances', { instances: 0 }],
  ['instances', { instances: 1.5 }],
  ['engine', { engine: 'docker' }],
  ['settings', { settings: { 'not a name': 1 } }],
  ['settings', { settings: { port: 5432 } }],
  ['locale', { locale: 'de DE' }],
  ['isolation', { isolation: 'process' }],
  ['redirect', { isolation: 'server', redirect: ['db.example.com:5432'] }],
  ['redirect', { isolation: 'server', redirect: 'localhost:5432' }],
  ['strategy', { strategy: 'copy' }],
  ['server', { server: '' }],
  ['allowRemote', { allowRemote: 'yes' }],
  ['databases', { isolation: 'server', databases: ['x'.repeat(64)] }],
  ['databases', { isolation: 'server', databases: ['template1'] }],
])('`%s` with a value that it cannot have is refused: %j', (name, options) => {
  const error = errorOf(options)
  expect(error.code).toBe('LANES_OPTION_INVALID')
  expect(error.message).toContain(name)
})

test.each<[string, object]>([
  ['`server` and `engine`', { server: 'postgresql://localhost/a', engine: 'native' }],
  ['`server` and `settings`', { server: 'postgresql://localhost/a', settings: { jit: false } }],
  ["`server` and `isolation: 'server'`", { server: 'postgresql://localhost/a', isolation: 'server' }],
  ["`isolation: 'schema'` without `server`", { isolation: 'schema' }],
  ["`redirect` without `isolation: 'server'`", { redirect: ['localhost:5432'] }],
  ["`users` without `isolation: 'server'`", { users: { ada: 'secret' } }],
  ["`databases` without `isolation: 'server'`", { databases: ['app'] }],
])('what means nothing together is refused: %s', (what, options) => {
  const error = errorOf(options)
  expect(error.code).toBe('LANES_OPTION_INVALID')
  expect(error.message).toContain(what)
})

test('a value that may hold a password is not shown', () => {
  expect(errorOf({ server: { url: 'postgresql://ada:secret@localhost' } }).message).not.toContain('secret')
  expect(errorOf({ users: { ada: 'secret', bob: 7 } }).message).not.toContain('secret')
})

test('what may be left out may be undefined', () => {
  expect(postgres({ migrate: undefined, engine: undefined } as object).name).toBe('postgres')
})

test('the number of instances is handed on, and follows the lanes where left out', () => {
  expect(postgres({ instances: 3 }).instances).toBe(3)
  expect(postgres().instances).toBeUndefined()
})
