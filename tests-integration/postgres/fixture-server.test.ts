import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openPostgresFile, type PostgresFile } from '../../packages/postgres/dist/fixture/file.js'
import { namedServer, SERVERS, type NamedServer } from './support/named.ts'
import { query } from './support/provider.ts'

interface App {
  readonly server: NamedServer
  /** Of a role that may create databases. */
  readonly url: string
  readonly file: PostgresFile
}

/** A server on which the plugin is not at work, with a database `app` that has one row. */
async function startApp(): Promise<App> {
  const server = await namedServer(SERVERS[0]!)
  await query(server.url, "UPDATE pg_database SET datistemplate = false WHERE datname = 'lanes_template'")
  await query(server.url, 'CREATE DATABASE app OWNER builder')
  const url = new URL(server.builder)
  url.pathname = '/app'
  await query(url.href, 'CREATE TABLE items (id int); INSERT INTO items VALUES (1)')
  const file = openPostgresFile({ DATABASE_URL: url.href })
  onTestFinished(() => file.close())
  return { server, url: url.href, file }
}

const at = (url: string, database: string): string =>
  Object.assign(new URL(url), { pathname: `/${database}` }).href

describe('without the plugin', () => {
  test("a test's database is a clone of the file's, as it was at first, and is dropped", async () => {
    const { server, url, file } = await startApp()
    const before = await server.databases()

    const first = await file.makeDatabase()
    await query(at(url, first), 'INSERT INTO items VALUES (2)')
    await file.dropDatabase(first)
    const user = new Client(url)
    await user.connect()
    const second = await file.makeDatabase()
    await user.end()

    expect(await query(at(url, second), 'SELECT id FROM items')).toEqual([{ id: 1 }])
    await file.close()
    expect(await server.databases()).toEqual(before)
  })

  test("the fixtures' own connections do not keep it from being cloned", async () => {
    const { file, url } = await startApp()
    const client = await file.checkOut()
    await file.checkIn(client, true)

    const name = await file.makeDatabase()

    expect(await query(at(url, name), 'SELECT id FROM items')).toEqual([{ id: 1 }])
  })

  test('who keeps it from being cloned is named', async () => {
    const { file, url } = await startApp()
    const user = new Client({ connectionString: url, application_name: 'the application' })
    await user.connect()

    await expect(file.makeDatabase()).rejects.toThrow(
      /^The database app cannot be cloned for a test while it is in use: the application \(1\)\./,
    )
    await user.end()
  })

  test('a role that may not clone it is told so', async () => {
    const { server } = await startApp()
    const file = openPostgresFile({ DATABASE_URL: server.builder })
    onTestFinished(() => file.close())

    await expect(file.makeDatabase()).rejects.toThrow('may not clone the database foreign_data')
  })
})

describe('a server that is not there', () => {
  test('is told by the variable that is missing', async () => {
    const file = openPostgresFile({})

    await expect(file.checkOut()).rejects.toThrow(/^The pg fixture found no DATABASE_URL\./)
  })

  test('is told by its place, and never by its password', async () => {
    const file = openPostgresFile({ DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/app' })
    const error = await file.checkOut().catch((failure: Error) => failure.message)

    expect(error).toContain('PostgreSQL at 127.0.0.1:1/app cannot be used: ')
    expect(error).not.toContain('secret')
  })
})
