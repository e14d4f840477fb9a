import { expect, test } from 'vitest'
import { addressOf } from '../../packages/postgres/dist/address.js'
import { readTarget } from '../../packages/postgres/dist/named/target.js'

test('a URL is read as the clients of PostgreSQL read it', () => {
  const { address, database, place } = readTarget(
    'postgres://ada:p%40ss%25@localhost/app%20db?sslmode=require',
    false,
  )
  expect(address).toEqual({
    host: 'localhost',
    port: 5432,
    user: 'ada',
    password: 'p@ss%',
    parameters: 'sslmode=require',
  })
  expect(database).toBe('app db')
  expect(place).toBe('localhost:5432')
})

test.each([
  ['postgresql:///app?host=/var/run/postgresql', '/var/run/postgresql'],
  ['postgresql://ada@%2Fvar%2Frun%2Fpostgresql/app', '/var/run/postgresql'],
  ['postgresql://ada:a%40b@/app?host=/var/run/postgresql', '/var/run/postgresql'],
  ['postgresql://ada@/app', 'localhost'],
  ['postgresql://[::1]:5433/app', '::1'],
])('%s leads to %s', (url, host) => {
  expect(readTarget(url, false).address.host).toBe(host)
})

test.each([
  { host: 'localhost', port: 5432, user: 'a b', password: `'"%/@:`, parameters: 'sslmode=require' },
  { host: '/var/run/my pg', port: 5433, user: 'ada', password: '', parameters: '' },
  { host: '::1', port: 5432, user: 'ada', password: 'ø密', parameters: '' },
])('what is written into a URL is read out of it: %j', (address) => {
  const { url } = addressOf(address, 'a/b "c"')
  expect(readTarget(url, false)).toMatchObject({ address, database: 'a/b "c"' })
})

test.each(['localhost', '127.0.0.1', '10.1.2.3', '192.168.1.1', 'postgres'])('%s is near', (host) => {
  expect(readTarget(`postgresql://ada@${host}/app`, false).address.host).toBe(host)
})

test.each(['db.example.com', '8.8.8.8', '172.32.0.1', '2001:db8::1', 'prod.abc.eu-west-1.rds.amazonaws.com'])(
  '%s is refused until remote servers are allowed',
  (host) => {
    const url = `postgresql://ada:secret@${host.includes(':') ? `[${host}]` : host}/db`
    expect(() => readTarget(url, false)).toThrow('allowRemote: true')
    expect(readTarget(url, true).address.host).toBe(host)
  },
)

test.each(['mysql://root:secret@localhost', 'secret', 'postgresql://a:secret@:x/'])(
  'what is no URL of PostgreSQL is refused, and not shown: %s',
  (url) => {
    expect(() => readTarget(url, false)).toThrow('Expected `server` of postgres()')
    expect(() => readTarget(url, false)).not.toThrow('secret')
  },
)

test('an address that only some clients heed is refused as well', () => {
  const url = 'postgresql://ada@localhost/app?hostaddr=8.8.8.8'
  expect(() => readTarget(url, false)).toThrow('leads to 8.8.8.8')
  expect(readTarget(url, true).address.parameters).toBe('hostaddr=8.8.8.8')
})
